package cluster

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/moby/sys/mountinfo"
	"github.com/prometheus/procfs"
	"golang.org/x/sys/unix"

	"github.com/mediawiki-stack/mediawiki-stack/local/cluster/internal/cri"
	"github.com/mediawiki-stack/mediawiki-stack/local/cluster/internal/network"
	"github.com/mediawiki-stack/mediawiki-stack/local/cluster/internal/node"
	"github.com/mediawiki-stack/mediawiki-stack/local/cluster/internal/process"
)

// Down stops the cluster and leaves no process, mount or namespace behind. Its data stays.
func (c *Cluster) Down(ctx context.Context) error {
	return c.ifExists(func() error { return c.stop(ctx) })
}

// Destroy does what Down does, and deletes the cluster's data.
func (c *Cluster) Destroy(ctx context.Context) error {
	return c.ifExists(func() error {
		if err := c.stop(ctx); err != nil {
			return err
		}
		c.say("deleting its data")
		if err := deleteLast(c.Data, recordName); err != nil {
			return err
		}
		c.say("cluster %s and its data are deleted", c.Name)
		return nil
	})
}

// deleteLast deletes a folder, and one of its files last. If it is interrupted, that file still exists, so it can be called again.
func deleteLast(folder, file string) error {
	entries, err := os.ReadDir(folder)
	if err != nil {
		return err
	}
	for _, entry := range entries {
		if entry.Name() != file {
			if err := os.RemoveAll(filepath.Join(folder, entry.Name())); err != nil {
				return err
			}
		}
	}
	return os.RemoveAll(folder)
}

// ifExists changes the cluster if it exists.
func (c *Cluster) ifExists(change func() error) error {
	if !c.Exists() {
		c.say("there is no cluster %s", c.Name)
		return nil
	}
	return c.locked(change)
}

func (c *Cluster) stop(ctx context.Context) error {
	// Stop kubelets first, or they would restart the containers that are being stopped.
	for n := 1; n <= c.Nodes; n++ {
		for _, daemon := range slices.Backward(node.Daemons(c.Node(n), c.self)[1:]) {
			if err := daemon.Stop(ctx); err != nil {
				return err
			}
		}
	}
	for n := 1; n <= c.Nodes; n++ {
		if node.Containerd(c.Node(n)).PID() == 0 {
			continue
		}
		if err := cri.StopPods(ctx, c.Node(n)); err != nil {
			c.say("could not stop the Pods of %s gracefully, killing them: %v", c.Node(n).NodeName(), err)
		}
	}
	for _, daemon := range slices.Backward(c.daemons()) {
		if err := daemon.Stop(ctx); err != nil {
			return err
		}
	}
	for n := 1; n <= c.Nodes; n++ {
		if err := c.sweep(ctx, n); err != nil {
			return err
		}
	}
	if err := network.Remove(c.Cluster, c.Nodes); err != nil {
		return err
	}
	if err := os.RemoveAll(c.Run); err != nil {
		return err
	}
	c.say("cluster %s is stopped", c.Name)
	return nil
}

// sweep removes what is left of a node: programs, containers that outlived their containerd, mounts.
func (c *Cluster) sweep(ctx context.Context, number int) error {
	for _, daemon := range slices.Backward(c.daemonsOf(number)) {
		if err := daemon.Stop(ctx); err != nil {
			return err
		}
	}
	n := c.Node(number)
	if err := endContainers(ctx, n.ContainerdSocket()); err != nil {
		return err
	}
	if err := unmountBelow(n.RunDir(), n.Dir()); err != nil {
		return err
	}
	return os.RemoveAll(n.RunDir())
}

// endContainers kills the shims that serve the containerd at socket, each with its container.
func endContainers(ctx context.Context, socket string) error {
	processes, err := procfs.AllProcs()
	if err != nil {
		return err
	}
	children := map[int][]int{}
	var shims []int
	for _, p := range processes {
		stat, statErr := p.Stat()
		args, argsErr := p.CmdLine()
		if statErr != nil || argsErr != nil {
			continue // it has ended
		}
		children[stat.PPID] = append(children[stat.PPID], p.PID)
		if slices.Contains(args, socket) {
			shims = append(shims, p.PID)
		}
	}
	for len(shims) > 0 {
		pid := shims[0]
		shims = append(shims[1:], children[pid]...)
		if err := process.End(ctx, pid, 100*time.Millisecond); err != nil {
			return err
		}
	}
	return nil
}

// unmountBelow unmounts every mount in the folders, the newest first.
func unmountBelow(dirs ...string) error {
	mounts, err := mountinfo.GetMounts(func(m *mountinfo.Info) (skip, stop bool) {
		return !slices.ContainsFunc(dirs, func(dir string) bool { return strings.HasPrefix(m.Mountpoint, dir+"/") }), false
	})
	if err != nil {
		return err
	}
	var errs []error
	for _, mount := range slices.Backward(mounts) {
		if err := unix.Unmount(mount.Mountpoint, unix.MNT_DETACH); err != nil {
			errs = append(errs, fmt.Errorf("unmounting %s: %w", mount.Mountpoint, err))
		}
	}
	return errors.Join(errs...)
}
