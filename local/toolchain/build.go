package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"
)

// shownLines is how much of a failed build's log its error repeats.
const shownLines = 20

// builder makes tools ready: it finds, links or builds them.
type builder struct {
	src   string // folder of this module
	store store
	out   io.Writer // for progress
	// compile builds a tool to a file; its output goes to log.
	compile func(ctx context.Context, p pinned, file string, log io.Writer) error
}

// ready makes every tool ready to run and returns how many it had to build.
func (b builder) ready(ctx context.Context, tools []pinned) (int, error) {
	if len(b.missing(ctx, tools)) == 0 {
		return 0, nil
	}
	unlock, err := b.store.lock(ctx, b.out)
	if err != nil {
		return 0, fmt.Errorf("lock the toolchain: %w", err)
	}
	defer unlock() //nolint:errcheck // closing a file that nothing was written to
	var todo []pinned
	for _, p := range b.missing(ctx, tools) {
		done, err := b.store.link(p)
		if err == nil && !done {
			done, err = b.adopt(p)
		}
		if err != nil {
			return 0, fmt.Errorf("%s: %w", p.name, err)
		}
		if !done {
			todo = append(todo, p)
		}
	}
	for i, p := range todo {
		if err := b.build(ctx, p, fmt.Sprintf("[%d/%d] %s", i+1, len(todo), p)); err != nil {
			return i, err
		}
	}
	return len(todo), nil
}

// missing returns the tools that are neither ready nor to be had from the machine's own PATH.
func (b builder) missing(ctx context.Context, tools []pinned) []pinned {
	var missing []pinned
	for _, p := range tools {
		if !b.store.has(p) {
			missing = append(missing, p)
		}
	}
	return withoutOwn(ctx, b.store, missing, tools)
}

// build builds one tool into the store, and shows how it goes on.
func (b builder) build(ctx context.Context, p pinned, title string) error {
	path := filepath.Join(b.store.root, "log", p.name+".log")
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return err
	}
	log, err := os.Create(path)
	if err != nil {
		return err
	}
	defer log.Close()
	step := startStep(b.out, title)
	err = b.store.keep(p, func(file string) error {
		return b.compile(ctx, p, file, io.MultiWriter(log, step))
	})
	step.finish(err)
	switch {
	case ctx.Err() != nil:
		return fmt.Errorf("building %s was interrupted; nothing was kept of it, run the same command again", p)
	case err != nil:
		return fmt.Errorf("building %s failed: %w\n%s\nthe whole log: %s", p, err, lastLines(path, shownLines), path)
	}
	return log.Close()
}

// goBuild builds a tool with the go command. -v has it name each package it compiles, for the progress line.
func (b builder) goBuild(ctx context.Context, p pinned, file string, log io.Writer) error {
	args := append([]string{"build", "-v", "-o", file}, p.flags()...)
	if len(p.overlays) > 0 {
		overlay, err := b.overlay(ctx, p, filepath.Dir(file), log)
		if err != nil {
			return err
		}
		defer os.Remove(overlay)
		args = append(args, "-overlay", overlay)
	}
	cmd := b.goCommand(ctx, p, append(args, p.pkg)...)
	cmd.Stdout, cmd.Stderr = log, log
	return cmd.Run()
}

// overlay writes the file that tells the go command which files to lay over the tool's folder, and returns its path.
func (b builder) overlay(ctx context.Context, p pinned, folder string, log io.Writer) (string, error) {
	cmd := b.goCommand(ctx, p, "mod", "download", "-json", p.overlayFrom)
	cmd.Stderr = log
	out, err := cmd.Output()
	if err != nil {
		return "", fmt.Errorf("go mod download %s: %w\n%s", p.overlayFrom, err, out)
	}
	var module struct{ Dir string }
	if err := json.Unmarshal(out, &module); err != nil {
		return "", fmt.Errorf("go mod download -json %s: %w", p.overlayFrom, err)
	}
	dir, err := filepath.Abs(filepath.Join(b.src, p.dir))
	if err != nil {
		return "", err
	}
	var overlay struct{ Replace map[string]string }
	overlay.Replace = map[string]string{}
	for here, there := range p.overlays {
		overlay.Replace[filepath.Join(dir, here)] = filepath.Join(module.Dir, there)
	}
	data, err := json.Marshal(overlay)
	if err != nil {
		return "", err
	}
	path := filepath.Join(folder, "overlay.json")
	return path, os.WriteFile(path, data, 0o600)
}

// goCommand prepares a go command in a tool's module. On cancellation it is interrupted, so that it ends its compilers and removes
// its temporary folder.
func (b builder) goCommand(ctx context.Context, p pinned, args ...string) *exec.Cmd {
	cmd := exec.CommandContext(ctx, "go", args...)
	cmd.Dir = filepath.Join(b.src, p.dir)
	cmd.Env = append(os.Environ(), "GOWORK=off")
	if p.static {
		cmd.Env = append(cmd.Env, "CGO_ENABLED=0")
	}
	cmd.Cancel = func() error {
		err := cmd.Process.Signal(os.Interrupt)
		if errors.Is(err, os.ErrProcessDone) {
			return nil
		}
		return err
	}
	cmd.WaitDelay = 30 * time.Second
	return cmd
}

// lastLines returns the last n lines of a file that are no download or package name, or what hindered reading it.
func lastLines(path string, n int) string {
	data, err := os.ReadFile(path)
	if err != nil {
		return err.Error()
	}
	lines := strings.Split(strings.TrimSpace(string(data)), "\n")
	return strings.Join(lines[max(0, len(lines)-n):], "\n")
}
