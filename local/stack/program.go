package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"time"
)

// notCompiled are the folders of a checkout that hold no part of the program.
var notCompiled = []string{".git", ".ci", "docs", "local", "tests"}

// build compiles the program unless it is current. The go command would take longer to find that out than the rest of a preview.
func (s *stack) build(ctx context.Context) error {
	if current, err := s.isCurrent(); current || err != nil {
		return err
	}
	if _, err := os.Stat(s.program); err != nil {
		fmt.Fprintln(os.Stderr, "compiling the program: about a minute the first time, then seconds …")
	}
	began := time.Now()
	cmd := exec.CommandContext(ctx, "go", "build", "-buildvcs=false", "-trimpath", "-o", s.program, ".")
	cmd.Dir, cmd.Env = s.checkout, append(os.Environ(), "CGO_ENABLED=0") // as the tools, with which it shares what is compiled
	cmd.Stdout, cmd.Stderr = os.Stderr, os.Stderr
	if err := cmd.Run(); err != nil {
		return fmt.Errorf("compile the program in %s: %w", s.checkout, err)
	}
	return os.Chtimes(s.program, began, began) // files that changed during the build are newer
}

// isCurrent reports whether the program is newer than all files and folders that it is compiled from. A folder changes when a file in it is
// created, renamed or deleted.
func (s *stack) isCurrent() (bool, error) {
	program, err := os.Stat(s.program)
	if errors.Is(err, fs.ErrNotExist) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	newer := errors.New("newer")
	err = filepath.WalkDir(s.checkout, func(path string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if entry.IsDir() && filepath.Dir(path) == s.checkout && slices.Contains(notCompiled, entry.Name()) {
			return fs.SkipDir
		}
		info, err := entry.Info()
		if err != nil {
			return err
		}
		if !info.ModTime().Before(program.ModTime()) {
			return newer
		}
		return nil
	})
	if errors.Is(err, newer) {
		return false, nil
	}
	return err == nil, err
}
