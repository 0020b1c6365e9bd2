// Package process starts and stops a cluster's daemons. A daemon is known by its process id and its start time
// together, so that an id used again by another program is never mistaken for it.
package process

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"
)

const (
	pollInterval = 20 * time.Millisecond
	maxLog       = 32 << 20 // bytes kept of a log when its daemon starts again
)

// Daemon is a background program of the cluster.
type Daemon struct {
	Name      string
	Namespace string // network namespace to run in
	Args      []string
	PIDFile   string
	LogFile   string
	Ports     []uint16      // TCP ports that it listens on
	Grace     time.Duration // between SIGTERM and SIGKILL
}

// PID is the daemon's process id, or 0 if it does not run.
func (d *Daemon) PID() int {
	text, err := os.ReadFile(d.PIDFile)
	if err != nil {
		return 0
	}
	pid, started, ok := strings.Cut(strings.TrimSpace(string(text)), " ")
	id, err := strconv.Atoi(pid)
	if !ok || err != nil || StartTime(id) != started {
		return 0
	}
	return id
}

// Start runs the daemon unless it runs already.
func (d *Daemon) Start() error {
	if d.PID() != 0 {
		return nil
	}
	if err := errors.Join(os.MkdirAll(filepath.Dir(d.PIDFile), 0o700), os.MkdirAll(filepath.Dir(d.LogFile), 0o700)); err != nil {
		return err
	}
	log, err := d.openLog()
	if err != nil {
		return err
	}
	defer log.Close()
	args := append([]string{"--net=/run/netns/" + d.Namespace, "--"}, d.Args...)
	cmd := exec.CommandContext(context.Background(), "nsenter", args...) // a daemon outlives the command that starts it
	cmd.Stdout, cmd.Stderr = log, log
	// A temporary folder of the command's own may be gone long before the daemon is.
	cmd.Env = slices.DeleteFunc(os.Environ(), func(variable string) bool { return strings.HasPrefix(variable, "TMPDIR=") })
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true}
	if err := cmd.Start(); err != nil {
		return fmt.Errorf("starting %s: %w", d.Name, err)
	}
	pid := cmd.Process.Pid
	if err := os.WriteFile(d.PIDFile, fmt.Appendf(nil, "%d %s\n", pid, StartTime(pid)), 0o600); err != nil {
		return errors.Join(err, cmd.Process.Kill())
	}
	// Reaps it if it ends while this program still runs; a daemon outlives this program.
	go func() { _ = cmd.Wait() }()
	return nil
}

// Stop ends the daemon and waits until it is gone.
func (d *Daemon) Stop(ctx context.Context) error {
	pid := d.PID()
	if pid != 0 {
		if err := End(ctx, pid, d.Grace); err != nil {
			return fmt.Errorf("stopping %s: %w", d.Name, err)
		}
	}
	if err := os.Remove(d.PIDFile); err != nil && !errors.Is(err, os.ErrNotExist) {
		return err
	}
	return nil
}

// End sends a process SIGTERM, after grace SIGKILL, and waits until it is gone.
func End(ctx context.Context, pid int, grace time.Duration) error {
	started := StartTime(pid)
	if started == "" {
		return nil
	}
	if err := signal(pid, syscall.SIGTERM); err != nil {
		return err
	}
	kill := time.After(grace)
	for StartTime(pid) == started {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-kill:
			if err := signal(pid, syscall.SIGKILL); err != nil {
				return err
			}
		case <-time.After(pollInterval):
		}
	}
	return nil
}

func signal(pid int, sig syscall.Signal) error {
	if err := syscall.Kill(pid, sig); err != nil && !errors.Is(err, syscall.ESRCH) {
		return fmt.Errorf("signalling process %d: %w", pid, err)
	}
	return nil
}

// StartTime is the moment a process started, in the kernel's clock ticks since boot, or "" if there is no such process
// or it is a zombie. https://man7.org/linux/man-pages/man5/proc_pid_stat.5.html, fields 3 and 22.
func StartTime(pid int) string {
	stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return ""
	}
	fields := strings.Fields(string(stat[strings.LastIndexByte(string(stat), ')')+1:]))
	if len(fields) < 20 || fields[0] == "Z" || fields[0] == "X" {
		return ""
	}
	return fields[19]
}

// openLog opens the log for appending; one that has grown too large is set aside first.
func (d *Daemon) openLog() (*os.File, error) {
	if info, err := os.Stat(d.LogFile); err == nil && info.Size() > maxLog {
		if err := os.Rename(d.LogFile, d.LogFile+".1"); err != nil {
			return nil, err
		}
	}
	return os.OpenFile(d.LogFile, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
}

// LastLines returns the end of the daemon's log, for an error message.
func (d *Daemon) LastLines(n int) string {
	text, err := os.ReadFile(d.LogFile)
	if err != nil {
		return err.Error()
	}
	lines := strings.Split(strings.TrimSpace(string(text)), "\n")
	return strings.Join(lines[max(0, len(lines)-n):], "\n")
}
