package main

import (
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"
)

// abandoned is the age from which a temporary file of the state belongs to no command that still runs. A file is written in an instant.
const abandoned = time.Minute

// removeLeftovers deletes what nothing needs and what can make the state unreadable: files of attributes, which earlier versions of this
// command let Pulumi write, and temporary files of a pulumi that was killed. One of those beside a lock is read as a lock.
func removeLeftovers(state string) error {
	return filepath.WalkDir(state, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return ignoreMissing(err) // another command may have deleted it
		}
		switch {
		case strings.HasSuffix(path, ".attrs"):
			return ignoreMissing(os.Remove(path))
		case strings.HasSuffix(path, ".tmp"):
			info, err := entry.Info()
			if err != nil || time.Since(info.ModTime()) < abandoned {
				return ignoreMissing(err)
			}
			return ignoreMissing(os.Remove(path))
		}
		return nil
	})
}

func ignoreMissing(err error) error {
	if os.IsNotExist(err) {
		return nil
	}
	return err
}
