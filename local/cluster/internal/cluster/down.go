package cluster

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"golang.org/x/sys/unix"

	"github.com/mediawiki-stack/mediawiki-stack/local/cluster/internal/cri"
	"github.com/mediawiki-stack/mediawiki-stack/local/cluster/internal/network"
	"github.com/mediawiki-stack/mediawiki-stack/local/cluster/internal/node"
	"github.com/mediawiki-stack/mediawiki-stack/local/cluster/internal/process"
)

// Down stops the cluster and leaves no process, mount or namespace. Its data stays.
func (c *Cluster) Down(ctx context.Context) error {
	return c.ifExists(func() error { return c.stop(ctx) })
}

// Destroy is Down, and removes the cluster's data.
func (c *Cluster) Destroy(ctx context.Context) error {
	return c.ifExists(func() error {
		if err := c.stop(ctx); err != nil {
			return err
		}
		if err := os.RemoveAll(c.Data); err != nil {
			return err
		}
		c.say("cluster %s and its data are gone", c.Name)
		return nil
	})
}

// ifExists changes the cluster; if there is none, nothing is to be done.
func (c *Cluster) ifExists(change func() error) error {
	if !c.Exists() {
		c.say("there is no cluster %s", c.Name)
		return nil
	}
	return c.locked(change)
}

func (c *Cluster) stop(ctx context.Context) error {
	// Kubelets first: they would start again what is being stopped.
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
			c.say("Pods of %s did not end in order, ending them by force: %v", c.Node(n).NodeName(), err)
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

// sweep ends what is left of a node: programs, containers that outlived theirs, mounts.
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
	stats, err := filepath.Glob("/proc/[0-9]*/stat")
	if err != nil {
		return err
	}
	children := map[int][]int{}
	var shims []int
	for _, stat := range stats {
		pid, err := strconv.Atoi(filepath.Base(filepath.Dir(stat)))
		if err != nil {
			return err
		}
		if parent := parentOf(pid); parent != 0 {
			children[parent] = append(children[parent], pid)
		}
		cmdline, err := os.ReadFile(filepath.Join(filepath.Dir(stat), "cmdline"))
		if err == nil && slices.Contains(strings.Split(string(cmdline), "\x00"), socket) {
			shims = append(shims, pid)
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

func parentOf(pid int) int {
	stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return 0
	}
	fields := strings.Fields(string(stat[strings.LastIndexByte(string(stat), ')')+1:]))
	parent, err := strconv.Atoi(fields[1])
	if err != nil {
		return 0
	}
	return parent
}

// unmountBelow takes away every mount in the folders, the youngest first.
func unmountBelow(dirs ...string) error {
	table, err := os.ReadFile("/proc/self/mountinfo")
	if err != nil {
		return err
	}
	var errs []error
	for _, line := range slices.Backward(strings.Split(strings.TrimSpace(string(table)), "\n")) {
		// Field 5 is the mount point: https://man7.org/linux/man-pages/man5/proc_pid_mountinfo.5.html
		target := strings.Fields(line)[4]
		for _, dir := range dirs {
			if strings.HasPrefix(target, dir+"/") {
				if err := unix.Unmount(target, unix.MNT_DETACH); err != nil {
					errs = append(errs, fmt.Errorf("unmounting %s: %w", target, err))
				}
			}
		}
	}
	return errors.Join(errs...)
}
