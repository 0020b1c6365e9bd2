package network

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/containernetworking/plugins/pkg/ns"
	"github.com/vishvananda/netlink"
	"github.com/vishvananda/netns"
)

func namespacePath(name string) string { return filepath.Join("/run/netns", name) }

// ensureNamespace creates a named network namespace unless it exists.
func ensureNamespace(name string) (err error) {
	if alive(name) {
		return nil
	}
	// A run that was killed leaves a file of that name that is not a mount.
	if err := os.Remove(namespacePath(name)); err != nil && !errors.Is(err, os.ErrNotExist) {
		return fmt.Errorf("network namespace %s is in the way: %w", name, err)
	}
	current, err := ns.GetCurrentNS()
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, current.Close()) }()
	return current.Do(func(ns.NetNS) error { // NewNamed enters the new namespace, Do returns to the current one
		handle, err := netns.NewNamed(name)
		if err != nil {
			return fmt.Errorf("creating network namespace %s: %w", name, err)
		}
		return handle.Close()
	})
}

func alive(name string) bool {
	return inside(name, func() error { _, err := netlink.LinkByName("lo"); return err }) == nil
}

// inside runs f in a named network namespace.
func inside(name string, f func() error) error {
	return ns.WithNetNSPath(namespacePath(name), func(ns.NetNS) error { return f() })
}

// open opens a named network namespace, or the current one if name is empty.
func open(name string) (ns.NetNS, error) {
	if name == "" {
		return ns.GetCurrentNS()
	}
	return ns.GetNS(namespacePath(name))
}

func remove(name string) error {
	if err := netns.DeleteNamed(name); err != nil && !errors.Is(err, os.ErrNotExist) {
		return fmt.Errorf("removing network namespace %s: %w", name, err)
	}
	return nil
}
