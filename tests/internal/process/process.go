// Package process inspects and signals the processes of containers from their node, as root. The embedded cluster's nodes share this
// machine's process table.
package process

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"

	"k8s.io/apimachinery/pkg/types"
)

// Process is one process.
type Process struct {
	ID      int
	Program string // the first 15 bytes of its name
	Line    string // its arguments, separated by NUL bytes
	Env     string // its initial environment, separated by NUL bytes
}

// OfPod returns the processes of a Pod's containers.
func OfPod(pod types.UID) []Process {
	return list(func(mounts []byte) bool { return mountsHostsOf(mounts, "/pods/"+string(pod)+"/") })
}

// OfContainers returns the processes of all Pods' containers on this machine.
func OfContainers() []Process {
	return list(func(mounts []byte) bool { return mountsHostsOf(mounts, "/pods/") })
}

// list returns the processes whose mounts match. It skips processes that end meanwhile and, because reading their many mounts is slow,
// those in this machine's own mount namespace.
func list(matches func(mounts []byte) bool) []Process {
	folders, err := filepath.Glob("/proc/[0-9]*")
	if err != nil {
		panic(err) // a bad pattern; this one is constant
	}
	const mountsOf = "ns/mnt"
	own, err := os.Readlink("/proc/self/" + mountsOf)
	if err != nil {
		panic(err) // exists since Linux 3.8
	}
	var found []Process
	for _, folder := range folders {
		if namespace, err := os.Readlink(filepath.Join(folder, mountsOf)); err != nil || namespace == own {
			continue
		}
		if mounts, err := os.ReadFile(filepath.Join(folder, "mountinfo")); err != nil || !matches(mounts) {
			continue
		}
		id, err := strconv.Atoi(filepath.Base(folder))
		program, nameErr := os.ReadFile(filepath.Join(folder, "comm"))
		line, lineErr := os.ReadFile(filepath.Join(folder, "cmdline"))
		env, envErr := os.ReadFile(filepath.Join(folder, "environ"))
		if err == nil && nameErr == nil && lineErr == nil && envErr == nil {
			found = append(found, Process{ID: id, Program: strings.TrimSpace(string(program)), Line: string(line), Env: string(env)})
		}
	}
	return found
}

// Kill sends SIGKILL to processes, like a power cut.
func Kill(processes []Process) error { return Signal(processes, syscall.SIGKILL) }

// Signal sends a signal to processes. It ignores processes that have ended.
func Signal(processes []Process, signal syscall.Signal) error {
	var errs []error
	for _, p := range processes {
		if err := syscall.Kill(p.ID, signal); err != nil && !errors.Is(err, syscall.ESRCH) {
			errs = append(errs, fmt.Errorf("sending %s to %s: %w", signal, p.Program, err))
		}
	}
	return errors.Join(errs...)
}

// mountsHostsOf reports whether /etc/hosts is mounted from a file below the folder, as the kubelet mounts each Pod's own file.
// Fields 4 and 5 are the file and the mount point: https://man7.org/linux/man-pages/man5/proc_pid_mountinfo.5.html
func mountsHostsOf(mounts []byte, folder string) bool {
	for line := range bytes.Lines(mounts) {
		fields := bytes.Fields(line)
		if len(fields) > 4 && string(fields[4]) == "/etc/hosts" && bytes.Contains(fields[3], []byte(folder)) {
			return true
		}
	}
	return false
}
