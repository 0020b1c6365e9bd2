package preflight

import (
	"fmt"
	"os"
	"strconv"
	"strings"

	"github.com/prometheus/procfs"
)

// inotifyLimit is a sysctl that bounds what all programs of a user watch together.
type inotifyLimit struct {
	name      string
	perNode   uint64 // what the programs of one node take: 19 instances and 530 watches were measured
	suggested uint64
}

var (
	instanceLimit = inotifyLimit{"fs.inotify.max_user_instances", 24, 1024}
	watchLimit    = inotifyLimit{"fs.inotify.max_user_watches", 1024, 524288}
)

// Inotify returns an error if root has too few inotify instances or watches left to start nodes. Without them kubelet and containerd fail
// with messages about configuration files and logs, such as "too many open files".
func Inotify(nodes int) error {
	if nodes == 0 {
		return nil
	}
	instances, watches, err := inotifyUse()
	if err != nil {
		return err
	}
	for limit, used := range map[inotifyLimit]uint64{instanceLimit: instances, watchLimit: watches} {
		text, err := os.ReadFile("/proc/sys/" + strings.ReplaceAll(limit.name, ".", "/"))
		if err != nil {
			return err
		}
		allowed, err := strconv.ParseUint(strings.TrimSpace(string(text)), 10, 64)
		if err != nil {
			return fmt.Errorf("reading %s: %w", limit.name, err)
		}
		if err := limit.check(uint64(nodes), used, allowed); err != nil {
			return err
		}
	}
	return nil
}

func (l inotifyLimit) check(nodes, used, allowed uint64) error {
	wanted := used + nodes*l.perNode
	if wanted <= allowed {
		return nil
	}
	return fmt.Errorf("the kernel lets root have %d of %s, %d are in use, and the cluster needs %d more: "+
		"kubelet and containerd would fail\n  type: sysctl -w %s=%d\n  or:   stop another cluster: cluster --name NAME down",
		allowed, l.name, used, nodes*l.perNode, l.name, max(l.suggested, 2*wanted))
}

// inotifyUse returns root's inotify instances and watches.
func inotifyUse() (instances, watches uint64, err error) {
	processes, err := procfs.AllProcs()
	if err != nil {
		return 0, 0, err
	}
	for _, process := range processes {
		if status, err := process.NewStatus(); err != nil || status.UIDs[0] != 0 {
			continue // it has exited, or is another user's
		}
		i, w := inotifyOf(process)
		instances, watches = instances+i, watches+w
	}
	return instances, watches, nil
}

// inotifyOf returns the inotify instances and watches of a process, and none if it has exited.
func inotifyOf(process procfs.Proc) (instances, watches uint64) {
	targets, err := process.FileDescriptorTargets()
	if err != nil {
		return 0, 0
	}
	for _, target := range targets {
		if target == "anon_inode:inotify" {
			instances++
		}
	}
	if instances == 0 {
		return 0, 0
	}
	descriptors, err := process.FileDescriptorsInfo()
	if err != nil {
		return instances, 0
	}
	for _, descriptor := range descriptors {
		watches += uint64(len(descriptor.InotifyInfos))
	}
	return instances, watches
}
