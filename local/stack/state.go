package main

import (
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"time"
)

// abandoned is the age from which a temporary file of the state belongs to no command that still runs. A file is written in an instant.
const abandoned = time.Minute

// removeLeftovers deletes what nothing needs and what can make the state unreadable: files of attributes, which earlier versions of this
// command let Pulumi write, and temporary files and locks of a pulumi that was killed. Pulumi reads a temporary file beside a lock as a
// lock.
func removeLeftovers(state string) error {
	var left []string
	err := filepath.WalkDir(state, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return ignoreMissing(err) // another command may have deleted it
		}
		switch {
		case strings.HasSuffix(path, ".attrs"):
			left = append(left, path)
		case filepath.Ext(path) == ".json" && strings.Contains(path, "/.pulumi/locks/"):
			if isDeadLock(path) {
				left = append(left, path)
			}
		case strings.HasSuffix(path, ".tmp"):
			info, err := entry.Info()
			if err != nil {
				return ignoreMissing(err)
			}
			if time.Since(info.ModTime()) >= abandoned {
				left = append(left, path)
			}
		}
		return nil
	})
	for _, path := range left {
		err = errors.Join(err, ignoreMissing(os.Remove(path)))
	}
	return err
}

// isDeadLock reports whether a lock belongs to a pulumi on this machine that no longer runs.
func isDeadLock(path string) bool {
	var lock struct {
		Pid      int
		Hostname string
	}
	content, err := os.ReadFile(path)
	if err != nil || json.Unmarshal(content, &lock) != nil || lock.Pid <= 0 {
		return false
	}
	here, err := os.Hostname()
	return err == nil && lock.Hostname == here && errors.Is(syscall.Kill(lock.Pid, 0), syscall.ESRCH)
}

func ignoreMissing(err error) error {
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return err
}
