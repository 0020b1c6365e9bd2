// Package preflight checks whether this machine can run a cluster, before anything is created.
package preflight

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"golang.org/x/sys/unix"

	"github.com/mediawiki-stack/mediawiki-stack/local/cluster/internal/node"
)

// programs are the required programs and the Debian package of each.
var programs = map[string]string{
	"containerd": "containerd", "ctr": "containerd", "runc": "runc", "iptables": "iptables",
	"conntrack": "conntrack", "nsenter": "util-linux", "mount": "mount",
}

const minFree = 2 << 30 // bytes; below 1 GiB the kubelet evicts Pods

// Root returns an error unless the program runs as root.
func Root() error {
	if os.Geteuid() != 0 {
		return errors.New("a cluster needs root: its nodes are network namespaces\n  type: sudo make up")
	}
	return nil
}

// Check returns an error with one line for each requirement that is not met.
func Check(data string) error {
	return errors.Join(missingPrograms(), kernel(), room(data))
}

func missingPrograms() error {
	packages := map[string]bool{}
	var names []string
	for program, pkg := range programs {
		if _, err := exec.LookPath(program); err != nil && !packages[pkg] {
			packages[pkg] = true
			names = append(names, pkg)
		}
	}
	if _, err := os.Stat(filepath.Join(node.CNIPlugins, "bridge")); err != nil {
		names = append(names, "containernetworking-plugins")
	}
	if len(names) == 0 {
		return nil
	}
	return fmt.Errorf("programs are missing; type: apt-get install %s", strings.Join(names, " "))
}

// kernel checks the features of the kernel, which no package can install.
func kernel() error {
	var errs []error
	filesystems, err := os.ReadFile("/proc/filesystems")
	if err != nil {
		return err
	}
	if !strings.Contains(string(filesystems), "\toverlay\n") && load("overlay") != nil {
		errs = append(errs, errors.New("the kernel has no overlayfs; boot one with CONFIG_OVERLAY_FS"))
	}
	if _, err := os.Stat("/proc/self/ns/net"); err != nil {
		errs = append(errs, errors.New("the kernel has no network namespaces; boot one with CONFIG_NET_NS"))
	}
	if _, err := os.Stat("/proc/sys/net/bridge"); err != nil && load("br_netfilter") != nil {
		errs = append(errs, errors.New("the kernel has no br_netfilter; boot one with CONFIG_BRIDGE_NETFILTER"))
	}
	if !memoryCgroup() {
		errs = append(errs, errors.New(
			"the kernel has no memory cgroup; on a Raspberry Pi add `cgroup_enable=memory cgroup_memory=1` "+
				"to /boot/firmware/cmdline.txt and reboot"))
	}
	return errors.Join(errs...)
}

// load loads a kernel module.
func load(module string) error {
	return exec.CommandContext(context.Background(), "modprobe", module).Run()
}

func memoryCgroup() bool {
	if controllers, err := os.ReadFile("/sys/fs/cgroup/cgroup.controllers"); err == nil {
		return strings.Contains(string(controllers), "memory")
	}
	_, err := os.Stat("/sys/fs/cgroup/memory")
	return err == nil
}

func room(dir string) error {
	for {
		var stat unix.Statfs_t
		err := unix.Statfs(dir, &stat)
		if errors.Is(err, unix.ENOENT) && dir != "/" {
			dir = filepath.Dir(dir)
			continue
		}
		if err != nil {
			return fmt.Errorf("checking the disk under %s: %w", dir, err)
		}
		if free := stat.Bavail * uint64(stat.Bsize); free < minFree {
			return fmt.Errorf("the disk under %s has %d MiB free, a cluster needs %d; "+
				"remove files, or set XDG_DATA_HOME to a folder on another disk",
				dir, free>>20, uint64(minFree)>>20)
		}
		return nil
	}
}
