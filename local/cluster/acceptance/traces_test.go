package acceptance

import (
	"os"
	"path/filepath"
	"strings"
)

// mustTraces returns what clusters of this package leave on a machine: network namespaces, which contain the links, mounts and processes.
// It panics if it cannot read them.
func mustTraces() []string {
	var list []string
	mine := func(text string) bool {
		return strings.Contains(text, "/clusters/"+name) || strings.Contains(text, "/run/mediawiki-stack/"+name)
	}
	for _, path := range must(filepath.Glob("/run/netns/mws-" + name + "*")) {
		list = append(list, "namespace "+path)
	}
	for line := range strings.Lines(string(must(os.ReadFile("/proc/self/mountinfo")))) {
		if mine(line) {
			list = append(list, "mount "+strings.Fields(line)[4])
		}
	}
	for _, path := range must(filepath.Glob("/proc/[0-9]*/cmdline")) {
		if command, err := os.ReadFile(path); err == nil && mine(string(command)) { // otherwise it has just ended
			list = append(list, "process "+path)
		}
	}
	return list
}

func must[T any](value T, err error) T {
	if err != nil {
		panic(err)
	}
	return value
}
