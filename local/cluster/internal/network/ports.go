package network

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/vishvananda/netlink"
	"golang.org/x/sys/unix"
)

const listening = 10 // TCP_LISTEN of the kernel's include/net/tcp_states.h

// CheckFree returns an error that names the programs that listen on one of the TCP ports in the namespace.
func CheckFree(namespace string, ports []uint16) error {
	taken := map[uint16]uint32{} // inode of the listening socket by port
	err := inside(namespace, func() error {
		for _, family := range []uint8{unix.AF_INET, unix.AF_INET6} {
			sockets, err := netlink.SocketDiagTCP(family)
			if err != nil {
				return fmt.Errorf("listing the sockets of %s: %w", namespace, err)
			}
			for _, socket := range sockets {
				if socket.State == listening {
					taken[socket.ID.SourcePort] = socket.INode
				}
			}
		}
		return nil
	})
	for _, port := range ports {
		if inode, ok := taken[port]; ok {
			pid, program := owner(inode)
			err = errors.Join(err, fmt.Errorf("port %d of %s is in use by process %d (%s); to end it, type: kill %d",
				port, namespace, pid, program, pid))
		}
	}
	return err
}

// owner returns the process that has the socket open. https://man7.org/linux/man-pages/man5/proc_pid_fd.5.html
func owner(inode uint32) (pid int, program string) {
	links, err := filepath.Glob("/proc/[0-9]*/fd/*")
	if err != nil {
		return 0, "unknown"
	}
	for _, link := range links {
		if target, err := os.Readlink(link); err != nil || target != fmt.Sprintf("socket:[%d]", inode) {
			continue
		}
		process := filepath.Dir(filepath.Dir(link))
		if pid, err = strconv.Atoi(filepath.Base(process)); err != nil {
			continue
		}
		name, err := os.ReadFile(filepath.Join(process, "comm"))
		if err != nil {
			continue
		}
		return pid, strings.TrimSpace(string(name))
	}
	return 0, "unknown"
}
