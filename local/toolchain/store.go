package main

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"
)

// store is the folder that builds are kept in.
type store struct {
	root string
	// view is the key of the folder that goes on the PATH; it stands for the keys of all tools.
	view string
}

// tempPrefix marks a folder that a build is written to; it gets its real name once complete.
const tempPrefix = ".building-"

// openStore returns the store in the user's cache folder, for tools with these pins.
func openStore(tools []pinned) (store, error) {
	cache, err := os.UserCacheDir()
	if err != nil {
		return store{}, fmt.Errorf("%w: set HOME or XDG_CACHE_HOME", err)
	}
	h := sha256.New()
	for _, p := range tools {
		fmt.Fprintln(h, p.name, p.key)
	}
	return store{root: filepath.Join(cache, "mediawiki-stack", "toolchain"), view: shortKey(h)}, nil
}

// bin is the folder to put on the PATH.
func (s store) bin() string { return filepath.Join(s.root, "bin", s.view) }

// folder is where a build of a tool is kept.
func (s store) folder(p pinned) string { return filepath.Join(s.root, p.name, p.key) }

// file is where a tool lies in a folder of its own.
func (p pinned) file(folder string) string {
	if p.plugin != "" {
		return filepath.Join(folder, "plugins", p.plugin+"-"+p.version, p.name)
	}
	return filepath.Join(folder, p.name)
}

// path is where a tool that is ready is run from.
func (s store) path(p pinned) string {
	if p.plugin != "" {
		return p.file(s.folder(p))
	}
	return filepath.Join(s.bin(), p.name)
}

// has reports whether a tool is ready to run.
func (s store) has(p pinned) bool {
	info, err := os.Stat(s.path(p))
	return err == nil && info.Mode().IsRegular()
}

// link puts a kept build on the PATH; it reports false if there is none. A hard link, because Pulumi looks for its language hosts
// beside the file that it was started as.
func (s store) link(p pinned) (bool, error) {
	kept := p.file(s.folder(p))
	if _, err := os.Stat(kept); err != nil {
		return false, nil //nolint:nilerr // nothing kept, or a link to a plugin that is gone: build it
	}
	if p.plugin != "" || s.has(p) {
		return true, nil
	}
	if err := os.MkdirAll(s.bin(), 0o755); err != nil {
		return false, err
	}
	err := os.Link(kept, s.path(p))
	if errors.Is(err, fs.ErrExist) {
		err = nil
	}
	return true, err
}

// keep makes a tool by calling write with the file to write, and gives it its name only when that has succeeded.
func (s store) keep(p pinned, write func(file string) error) error {
	parent := filepath.Dir(s.folder(p))
	if err := s.sweep(parent); err != nil {
		return err
	}
	temp, err := os.MkdirTemp(parent, tempPrefix)
	if err != nil {
		return err
	}
	defer os.RemoveAll(temp)
	if err := os.MkdirAll(filepath.Dir(p.file(temp)), 0o755); err != nil {
		return err
	}
	if err := write(p.file(temp)); err != nil {
		return err
	}
	if err := os.RemoveAll(s.folder(p)); err != nil { // at most a link to a plugin that is gone
		return err
	}
	if err := os.Chmod(temp, 0o755); err != nil {
		return err
	}
	if err := os.Rename(temp, s.folder(p)); err != nil {
		return err
	}
	_, err = s.link(p)
	return err
}

// sweep makes a folder, or removes from it what interrupted builds have left. The caller holds the lock.
func (s store) sweep(folder string) error {
	if err := os.MkdirAll(folder, 0o755); err != nil {
		return err
	}
	entries, err := os.ReadDir(folder)
	if err != nil {
		return err
	}
	for _, e := range entries {
		if strings.HasPrefix(e.Name(), tempPrefix) {
			if err := os.RemoveAll(filepath.Join(folder, e.Name())); err != nil {
				return err
			}
		}
	}
	return nil
}

// lock makes this the only process that builds into the store, and says so on out if it has to wait for another. The lock ends
// with the returned function or with the process.
func (s store) lock(ctx context.Context, out io.Writer) (func() error, error) {
	if err := os.MkdirAll(s.root, 0o755); err != nil {
		return nil, err
	}
	f, err := os.OpenFile(filepath.Join(s.root, "lock"), os.O_RDWR|os.O_CREATE, 0o644)
	if err != nil {
		return nil, err
	}
	fd := int(f.Fd())
	if syscall.Flock(fd, syscall.LOCK_EX|syscall.LOCK_NB) == nil {
		return f.Close, nil
	}
	fmt.Fprintln(out, "toolchain: waiting for another build to finish")
	locked := make(chan error, 1)
	go func() {
		err := syscall.Flock(fd, syscall.LOCK_EX)
		if ctx.Err() != nil {
			f.Close() // nobody waits for the lock any more; closing gives it back
		}
		locked <- err
	}()
	select {
	case err := <-locked:
		return f.Close, err
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}
