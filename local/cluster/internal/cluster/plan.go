package cluster

import (
	"errors"
	"fmt"
	"net"
	"path/filepath"
)

// plan chooses the number of nodes, the cluster's addresses and which addons it has.
func (c *Cluster) plan(options Options) error {
	nodes := options.Nodes
	switch {
	case nodes == 0:
		nodes = max(c.Nodes, 1)
	case nodes < c.Nodes:
		return fmt.Errorf("cluster %s has %d nodes, and each may hold volumes\n"+
			"  to delete the cluster and its data, type: cluster --name %s destroy", c.Name, c.Nodes, c.Name)
	}
	if !c.Exists() {
		clusters := filepath.Dir(c.Data)
		lock, err := c.lock(clusters)
		if err != nil {
			return err
		}
		defer lock.Close() //nolint:errcheck // nothing was written
		if c.Index, err = freeIndex(clusters); err != nil {
			return err
		}
	}
	c.Nodes = nodes
	c.Ingress = c.Ingress || options.Ingress
	c.MetricsServer = c.MetricsServer || options.MetricsServer
	return c.save()
}

// freeIndex returns the lowest number whose addresses are used by no cluster of this user and no link of this machine.
func freeIndex(clusters string) (int, error) {
	taken := map[int]bool{}
	files, err := filepath.Glob(filepath.Join(clusters, "*", recordName))
	if err != nil {
		return 0, err
	}
	for _, file := range files {
		other, err := Open(filepath.Base(filepath.Dir(file)), nil)
		if err != nil {
			return 0, err
		}
		taken[other.Index] = true
	}
	addresses, err := net.InterfaceAddrs()
	if err != nil {
		return 0, err
	}
	for _, address := range addresses {
		if ip, ok := address.(*net.IPNet); ok && ip.IP.To4() != nil && ip.IP.To4()[0] == 198 && ip.IP.To4()[1] == 18 {
			taken[int(ip.IP.To4()[2])] = true
		}
	}
	for index := range 256 {
		if !taken[index] {
			return index, nil
		}
	}
	return 0, errors.New("every network from 198.18.0.0/24 to 198.18.255.0/24 is in use; remove a cluster: cluster --name NAME destroy")
}
