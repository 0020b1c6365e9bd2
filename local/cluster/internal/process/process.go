// Package process starts and stops a cluster's daemons. A daemon is identified by its process id and start time together, so that another
// program that gets the same id later is never mistaken for it.
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

	"github.com/prometheus/procfs"
)

const (
	pollInterval = 20 * time.Millisecond
	maxLog       = 32 << 20 // bytes; a larger log is set aside when its daemon starts again
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

// PID returns the daemon's process id, or 0 if it does not run.
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

// Start starts the daemon unless it runs already.
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
	// The daemon may outlive the temporary folder of the command that starts it.
	cmd.Env = slices.DeleteFunc(os.Environ(), func(variable string) bool { return strings.HasPrefix(variable, "TMPDIR=") })
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true}
	if err := cmd.Start(); err != nil {
		return fmt.Errorf("starting %s: %w", d.Name, err)
	}
	pid := cmd.Process.Pid
	if err := os.WriteFile(d.PIDFile, fmt.Appendf(nil, "%d %s\n", pid, StartTime(pid)), 0o600); err != nil {
		return errors.Join(err, cmd.Process.Kill())
	}
	// Reap it if it ends before this program does.
	go func() { _ = cmd.Wait() }()
	return nil
}

// Stop ends the daemon and waits for its exit.
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

// End sends a process SIGTERM, and SIGKILL after grace, and waits for its exit.
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

// StartTime returns the moment a process started, in the kernel's clock ticks since boot, or "" if there is no such process or it is a
// zombie.
func StartTime(pid int) string {
	process, err := procfs.NewProc(pid)
	if err != nil {
		return ""
	}
	stat, err := process.Stat()
	if err != nil || stat.State == "Z" || stat.State == "X" {
		return ""
	}
	return strconv.FormatUint(stat.Starttime, 10)
}

// openLog opens the log for appending, after setting aside one that is too large.
func (d *Daemon) openLog() (*os.File, error) {
	if info, err := os.Stat(d.LogFile); err == nil && info.Size() > maxLog {
		if err := os.Rename(d.LogFile, d.LogFile+".1"); err != nil {
			return nil, err
		}
	}
	return os.OpenFile(d.LogFile, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
}

// LastLines returns the last n lines of the daemon's log, for an error message.
func (d *Daemon) LastLines(n int) string {
	text, err := os.ReadFile(d.LogFile)
	if err != nil {
		return err.Error()
	}
	lines := strings.Split(strings.TrimSpace(string(text)), "\n")
	return strings.Join(lines[max(0, len(lines)-n):], "\n")
}
