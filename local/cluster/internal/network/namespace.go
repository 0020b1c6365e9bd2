package network

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"

	"github.com/vishvananda/netlink"
	"github.com/vishvananda/netns"
)

// namespace makes a named network namespace unless it is there.
func namespace(name string) error {
	if alive(name) {
		return nil
	}
	// A file of that name that is no mount is what a killed run leaves.
	if err := os.Remove(filepath.Join("/run/netns", name)); err != nil && !errors.Is(err, os.ErrNotExist) {
		return fmt.Errorf("network namespace %s is in the way: %w", name, err)
	}
	return onThread(func() error {
		handle, err := netns.NewNamed(name)
		if err != nil {
			return fmt.Errorf("making network namespace %s: %w", name, err)
		}
		return handle.Close()
	})
}

func alive(name string) bool {
	return inside(name, func() error { _, err := netlink.LinkByName("lo"); return err }) == nil
}

// inside runs f in a named namespace.
func inside(name string, f func() error) error {
	return onThread(func() (err error) {
		handle, err := netns.GetFromName(name)
		if err != nil {
			return fmt.Errorf("network namespace %s: %w", name, err)
		}
		defer func() { err = errors.Join(err, handle.Close()) }()
		if err := netns.Set(handle); err != nil {
			return fmt.Errorf("entering network namespace %s: %w", name, err)
		}
		return f()
	})
}

// The main thread is the main function's alone: onThread must not get it, because the process's namespace is that of its
// main thread, and that thread cannot be thrown away.
func init() { runtime.LockOSThread() }

// onThread runs f on a thread that is thrown away afterwards, because f changes the thread's namespace.
func onThread(f func() error) error {
	done := make(chan error)
	go func() {
		runtime.LockOSThread() // and never unlocked: the thread ends with this goroutine
		done <- f()
	}()
	return <-done
}

func namespaceOf(name string) (netns.NsHandle, error) {
	if name == "" {
		return netns.GetFromPid(os.Getpid())
	}
	return netns.GetFromName(name)
}

func remove(name string) error {
	if err := netns.DeleteNamed(name); err != nil && !errors.Is(err, os.ErrNotExist) {
		return fmt.Errorf("removing network namespace %s: %w", name, err)
	}
	return nil
}
