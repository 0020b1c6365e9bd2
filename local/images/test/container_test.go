package test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// patience is how long one step may take. MariaDB's own limit for its temporary server is 30 s. Emulated programs have ten times as long.
var patience = 60 * time.Second

// started counts containers, and so gives each a name.
var started atomic.Int64

// container is a running image.
type container struct {
	t    *testing.T
	id   string
	pid  int
	log  output
	done chan struct{}
	// exitCode is valid once done is closed.
	exitCode int
}

// output collects what a container prints while a test reads it.
type output struct {
	mu     sync.Mutex
	buffer bytes.Buffer
}

func (o *output) Write(p []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.buffer.Write(p)
}

func (o *output) String() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.buffer.String()
}

// start runs a container until the test ends, or until it ends by itself.
func start(t *testing.T, s spec) *container {
	t.Helper()
	bundle := t.TempDir()
	must(t, os.WriteFile(filepath.Join(bundle, "config.json"), s.runtimeConfig(t), 0o600))
	c := &container{t: t, id: fmt.Sprintf("images-test-%d-%d", os.Getpid(), started.Add(1)), done: make(chan struct{})}

	pidFile := filepath.Join(bundle, "pid")
	// Killing runc would leave the container running, so no context kills it. The cleanup below kills the container, which ends runc.
	command := exec.CommandContext(context.WithoutCancel(t.Context()), "runc", "run", "--bundle", bundle, "--pid-file", pidFile, c.id)
	command.Stdout, command.Stderr = &c.log, &c.log
	must(t, command.Start())
	go func() {
		defer close(c.done)
		// The error adds nothing to the exit code, which is -1 if there is none.
		_ = command.Wait()
		c.exitCode = command.ProcessState.ExitCode()
	}()
	t.Cleanup(func() {
		if c.running() {
			c.kill("KILL")
			c.wait()
		}
		if t.Failed() {
			t.Logf("%s said:\n%s", s.image.reference, c.log.String())
		}
	})
	c.eventually("a process", func() error {
		text, err := os.ReadFile(pidFile)
		if err == nil {
			c.pid, err = strconv.Atoi(string(text))
		}
		return err
	})
	return c
}

func (c *container) running() bool {
	select {
	case <-c.done:
		return false
	default:
		return true
	}
}

// kill sends a signal, named without SIG, to the container's first process.
func (c *container) kill(signal string) {
	c.t.Helper()
	command := exec.CommandContext(context.WithoutCancel(c.t.Context()), "runc", "kill", c.id, signal)
	if output, err := command.CombinedOutput(); err != nil && c.running() {
		c.t.Errorf("kill %s: %v: %s", signal, err, output)
	}
}

// wait returns the exit code of the container's first process.
func (c *container) wait() int {
	c.t.Helper()
	select {
	case <-c.done:
	case <-time.After(patience):
		c.t.Fatalf("still running after %s", patience)
	}
	return c.exitCode
}

// exec runs a command in the container as its user and returns what it printed.
func (c *container) exec(args ...string) (string, error) {
	ctx, cancel := context.WithTimeout(c.t.Context(), patience)
	defer cancel()
	command := exec.CommandContext(ctx, "runc", append([]string{"exec", c.id}, args...)...)
	output, err := command.CombinedOutput()
	if err != nil {
		err = fmt.Errorf("%s: %w: %s", strings.Join(args, " "), err, output)
	}
	return string(output), err
}

// eventually waits until check returns nil.
func (c *container) eventually(what string, check func() error) {
	c.t.Helper()
	deadline := time.After(patience)
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for {
		err := check()
		if err == nil {
			return
		}
		select {
		case <-tick.C:
		case <-c.done:
			c.t.Fatalf("exited with code %d before it had %s: %v", c.exitCode, what, err)
		case <-deadline:
			c.t.Fatalf("no %s after %s: %v", what, patience, err)
		}
	}
}

// says waits until the container has printed text.
func (c *container) says(text string) {
	c.t.Helper()
	c.eventually(strconv.Quote(text), func() error {
		if !strings.Contains(c.log.String(), text) {
			return errors.New("not printed")
		}
		return nil
	})
}

// directory creates a directory that any user can write to, as an emptyDir volume is.
func directory(t *testing.T) string {
	t.Helper()
	path := t.TempDir()
	must(t, os.Chmod(path, 0o777))
	return path
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
