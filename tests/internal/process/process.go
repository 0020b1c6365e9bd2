// Package process sees the processes of containers from outside, as root on their node does: the embedded cluster's nodes share this
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

// Process is one process of a container.
type Process struct {
	ID      int
	Program string // the first 15 bytes of its name
	Line    string // its arguments, between NUL bytes
	Env     string // its environment as it began, between NUL bytes
}

// OfPod are the processes of a Pod's containers.
func OfPod(pod types.UID) []Process {
	return list(func(mounts []byte) bool { return mountsHostsOf(mounts, "/pods/"+string(pod)+"/") })
}

// OfContainers are the processes of all Pods' containers on this machine.
func OfContainers() []Process {
	return list(func(mounts []byte) bool { return mountsHostsOf(mounts, "/pods/") })
}

// list reads the processes that have such mounts. One that ends meanwhile is left out, and this machine's own are left out at once:
// to read their many mounts takes long.
func list(has func(mounts []byte) bool) []Process {
	folders, err := filepath.Glob("/proc/[0-9]*")
	if err != nil {
		panic(err) // a bad pattern; this one is constant
	}
	const mountsOf = "ns/mnt"
	own, err := os.Readlink("/proc/self/" + mountsOf)
	if err != nil {
		panic(err) // Linux has it since 3.8
	}
	var found []Process
	for _, folder := range folders {
		if namespace, err := os.Readlink(filepath.Join(folder, mountsOf)); err != nil || namespace == own {
			continue
		}
		if mounts, err := os.ReadFile(filepath.Join(folder, "mountinfo")); err != nil || !has(mounts) {
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

// Kill ends processes at once, as a power cut does.
func Kill(processes []Process) error { return Signal(processes, syscall.SIGKILL) }

// Signal sends a signal to processes; those that have ended since are left out.
func Signal(processes []Process, signal syscall.Signal) error {
	var errs []error
	for _, p := range processes {
		if err := syscall.Kill(p.ID, signal); err != nil && !errors.Is(err, syscall.ESRCH) {
			errs = append(errs, fmt.Errorf("sending %s to %s: %w", signal, p.Program, err))
		}
	}
	return errors.Join(errs...)
}

// mountsHostsOf reports whether /etc/hosts is a file from below the folder: the kubelet mounts each Pod's own there.
// Fields 4 and 5 are the file and where it is mounted: https://man7.org/linux/man-pages/man5/proc_pid_mountinfo.5.html
func mountsHostsOf(mounts []byte, folder string) bool {
	for line := range bytes.Lines(mounts) {
		fields := bytes.Fields(line)
		if len(fields) > 4 && string(fields[4]) == "/etc/hosts" && bytes.Contains(fields[3], []byte(folder)) {
			return true
		}
	}
	return false
}
