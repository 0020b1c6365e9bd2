package process

import (
	"bytes"
	"os"
	"path/filepath"
	"strconv"
	"strings"
)

// Tree returns the processes of this machine that have the argument, and all their descendants.
func Tree(argument string) []Process {
	folders, err := filepath.Glob("/proc/[0-9]*")
	if err != nil {
		panic(err) // a bad pattern; this one is constant
	}
	children := map[string][]Process{} // by parent ID
	var found []Process
	for _, folder := range folders {
		stat, statErr := os.ReadFile(filepath.Join(folder, "stat"))
		line, lineErr := os.ReadFile(filepath.Join(folder, "cmdline"))
		id, err := strconv.Atoi(filepath.Base(folder))
		if statErr != nil || lineErr != nil || err != nil {
			continue // the process has ended
		}
		// "1234 (pulumi) S 1233 …": https://man7.org/linux/man-pages/man5/proc_pid_stat.5.html
		_, program, _ := strings.Cut(string(stat[:bytes.LastIndexByte(stat, ')')]), "(")
		parent := strings.Fields(string(stat[bytes.LastIndexByte(stat, ')')+1:]))[1]
		p := Process{ID: id, Program: program, Line: string(line)}
		children[parent] = append(children[parent], p)
		if strings.Contains("\x00"+p.Line, "\x00"+argument+"\x00") {
			found = append(found, p)
		}
	}
	for i := 0; i < len(found); i++ { // found grows in the loop
		found = append(found, children[strconv.Itoa(found[i].ID)]...)
	}
	return found
}
