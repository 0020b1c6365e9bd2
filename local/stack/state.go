package main

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"
)

// abandoned is the age from which a temporary file of the state belongs to no command that still runs. A file is written in an instant.
const abandoned = time.Minute

// removeLeftovers deletes what nothing needs and what can make the state unreadable: files of attributes, which earlier versions of this
// command let Pulumi write, and temporary files of a pulumi that was killed. Pulumi reads a temporary file beside a lock as a lock.
func removeLeftovers(state string) error {
	var left []string
	err := filepath.WalkDir(state, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return ignoreMissing(err) // another command may have deleted it
		}
		switch {
		case strings.HasSuffix(path, ".attrs"):
			left = append(left, path)
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

func ignoreMissing(err error) error {
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return err
}
