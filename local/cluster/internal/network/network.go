// Package network connects the nodes of a cluster and the host. Each node is a network namespace; all are on one bridge in another
// namespace. None has an uplink, so nothing addressed to a Pod or a Service ever leaves the machine.
package network

import (
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"

	"github.com/vishvananda/netlink"

	"github.com/mediawiki-stack/mediawiki-stack/local/cluster/internal/paths"
)

const (
	bridge   = "br0"  // in the switch namespace: connects the nodes and the host
	cable    = "eth0" // a node's end of its veth pair to the bridge
	sink     = "sink" // in a node: the route of Service addresses until kube-proxy rewrites them
	hostPort = "host" // the bridge's port for the host
)

// Lost returns the numbers of the nodes whose namespace does not exist. Programs of theirs may still run in one that has lost its name.
func Lost(c *paths.Cluster, nodes int) []int {
	var lost []int
	for number := 1; number <= nodes; number++ {
		if !alive(c.Node(number).Namespace()) {
			lost = append(lost, number)
		}
	}
	return lost
}

// Ensure creates the missing parts of the nodes' network.
func Ensure(c *paths.Cluster, nodes int) error {
	if err := ensureNamespace(c.Switch()); err != nil {
		return err
	}
	if err := inside(c.Switch(), func() error { return ensureBridge(bridge) }); err != nil {
		return err
	}
	if err := plug(c.Switch(), hostPort, "", c.HostLink(), c.HostIP()); err != nil {
		return err
	}
	for number := 1; number <= nodes; number++ {
		if err := ensureNode(c.Node(number), nodes); err != nil {
			return fmt.Errorf("network of node %s: %w", c.Node(number).NodeName(), err)
		}
	}
	return nil
}

func ensureNode(n *paths.Node, nodes int) error {
	if err := ensureNamespace(n.Namespace()); err != nil {
		return err
	}
	if err := plug(n.Switch(), fmt.Sprintf("node%d", n.Number), n.Namespace(), cable, n.IP()); err != nil {
		return err
	}
	return inside(n.Namespace(), func() error {
		if err := errors.Join(up("lo"), ensureBridge(sink), sysctls()); err != nil {
			return err
		}
		return routes(n, nodes)
	})
}

// plug connects a port of the bridge to a link of another namespace (the host's if peerNS is empty) by a veth pair. If one end is missing,
// the pair is created again.
func plug(switchNS, port, peerNS, peer, address string) error {
	at := func(f func() error) error {
		if peerNS == "" {
			return f()
		}
		return inside(peerNS, f)
	}
	portErr := inside(switchNS, func() error { return exists(port) })
	peerErr := at(func() error { return exists(peer) })
	if portErr != nil || peerErr != nil {
		err := errors.Join(
			inside(switchNS, func() error { return unplug(port) }),
			at(func() error { return unplug(peer) }),
			connect(switchNS, port, peerNS, peer))
		if err != nil {
			return err
		}
	}
	if err := inside(switchNS, func() error { return up(port) }); err != nil {
		return err
	}
	return at(func() error { return errors.Join(ensureAddress(peer, address+"/24"), up(peer)) })
}

func exists(link string) error {
	_, err := netlink.LinkByName(link)
	return err
}

// unplug deletes a link if it exists.
func unplug(name string) error {
	link, err := netlink.LinkByName(name)
	if err != nil {
		return nil //nolint:nilerr // it does not exist
	}
	return netlink.LinkDel(link)
}

func connect(switchNS, port, peerNS, peer string) (err error) {
	target, err := open(peerNS)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, target.Close()) }()
	return inside(switchNS, func() error {
		veth := &netlink.Veth{
			LinkAttrs: netlink.LinkAttrs{Name: port}, PeerName: peer, PeerNamespace: netlink.NsFd(int(target.Fd())),
		}
		if err := netlink.LinkAdd(veth); err != nil {
			return fmt.Errorf("connecting %s to %s: %w", port, peer, err)
		}
		master, err := netlink.LinkByName(bridge)
		if err != nil {
			return err
		}
		return netlink.LinkSetMaster(veth, master)
	})
}

func ensureBridge(name string) error {
	if _, err := netlink.LinkByName(name); err != nil {
		if err := netlink.LinkAdd(&netlink.Bridge{LinkAttrs: netlink.LinkAttrs{Name: name}}); err != nil {
			return fmt.Errorf("creating bridge %s: %w", name, err)
		}
	}
	return up(name)
}

func ensureAddress(link, address string) error {
	l, err := netlink.LinkByName(link)
	if err != nil {
		return err
	}
	parsed, err := netlink.ParseAddr(address)
	if err != nil {
		return err
	}
	return netlink.AddrReplace(l, parsed)
}

func up(name string) error {
	link, err := netlink.LinkByName(name)
	if err != nil {
		return err
	}
	return netlink.LinkSetUp(link)
}

// routes sets a node's routes to Services and to the other nodes' Pods.
func routes(n *paths.Node, nodes int) error {
	sinkLink, err := netlink.LinkByName(sink)
	if err != nil {
		return err
	}
	errs := []error{route(&netlink.Route{LinkIndex: sinkLink.Attrs().Index, Src: net.ParseIP(n.IP())}, paths.ServiceRange)}
	for number := 1; number <= nodes; number++ {
		if other := n.Node(number); number != n.Number {
			errs = append(errs, route(&netlink.Route{Gw: net.ParseIP(other.IP())}, other.PodRange()))
		}
	}
	return errors.Join(errs...)
}

func route(r *netlink.Route, destination string) error {
	_, dst, err := net.ParseCIDR(destination)
	if err != nil {
		return err
	}
	r.Dst = dst
	if err := netlink.RouteReplace(r); err != nil {
		return fmt.Errorf("route to %s: %w", destination, err)
	}
	return nil
}

// sysctls lets the namespace forward packets, and applies kube-proxy's rules to packets that cross a bridge. /proc/sys/net is that of the
// namespace of the thread that opens it.
func sysctls() error {
	for path, value := range map[string]string{
		"net/ipv4/ip_forward":                "1",
		"net/bridge/bridge-nf-call-iptables": "1",
		"net/ipv4/conf/all/rp_filter":        "0",
		"net/ipv4/conf/default/rp_filter":    "0",
	} {
		if err := os.WriteFile(filepath.Join("/proc/sys", path), []byte(value), 0); err != nil {
			return fmt.Errorf("setting %s: %w", path, err)
		}
	}
	return nil
}

// Remove deletes the network.
func Remove(c *paths.Cluster, nodes int) error {
	errs := []error{unplug(c.HostLink())}
	for number := 1; number <= nodes; number++ {
		errs = append(errs, remove(c.Node(number).Namespace()))
	}
	return errors.Join(append(errs, remove(c.Switch()))...)
}
