// Package paths defines where a cluster keeps its files and which addresses it uses.
package paths

import (
	"fmt"
	"os"
	"path/filepath"
)

// Address ranges and ports, as microk8s has them. https://microk8s.io/docs/configuring-services
const (
	PodRange     = "10.1.0.0/16"
	ServiceRange = "10.152.183.0/24"
	APIService   = "10.152.183.1"
	DNSService   = "10.152.183.10"
	APIPort      = 16443
	ClusterName  = "microk8s-cluster"
	Context      = "microk8s"
	Domain       = "cluster.local"
)

// MaxNodes is the maximum number of nodes. A node's number is the last byte of its address and the third byte of its Pod range.
const MaxNodes = 9

// Cluster is one embedded cluster. Its index keeps its addresses apart from those of other clusters.
type Cluster struct {
	Name  string
	Index int // 0 to 255, the third byte of its node addresses
	Data  string
	Run   string // sockets and state that may disappear at a reboot
}

// New returns the paths of the cluster of that name. It creates nothing.
func New(name string) (*Cluster, error) {
	data := os.Getenv("XDG_DATA_HOME")
	if data == "" {
		home, err := os.UserHomeDir()
		if err != nil {
			return nil, err
		}
		data = filepath.Join(home, ".local", "share")
	}
	return &Cluster{
		Name: name,
		Data: filepath.Join(data, "mediawiki-stack", "clusters", name),
		Run:  filepath.Join("/run/mediawiki-stack", name),
	}, nil
}

// File returns a path in the cluster's data folder.
func (c *Cluster) File(parts ...string) string {
	return filepath.Join(append([]string{c.Data}, parts...)...)
}

// Kubeconfig returns the path of the administrator's kubeconfig file.
func (c *Cluster) Kubeconfig() string { return c.File("kubeconfig") }

// Storage returns the folder of the hostpath volumes.
func (c *Cluster) Storage() string { return c.File("storage") }

// HostIP returns the host's address on the nodes' network.
func (c *Cluster) HostIP() string { return fmt.Sprintf("198.18.%d.254", c.Index) }

// HostLink returns the name of the host's end of the veth pair into the cluster.
func (c *Cluster) HostLink() string { return fmt.Sprintf("mws%d", c.Index) }

// Switch returns the network namespace that connects the nodes and the host.
func (c *Cluster) Switch() string { return "mws-" + c.Name }

// APIServer returns the URL of the API server.
func (c *Cluster) APIServer() string {
	return fmt.Sprintf("https://%s:%d", c.Node(1).IP(), APIPort)
}

// Node returns the n-th node, counted from 1.
func (c *Cluster) Node(n int) *Node { return &Node{Cluster: c, Number: n} }

// Node is one node of a cluster: a network namespace with a kubelet of its own.
type Node struct {
	*Cluster
	Number int
}

// NodeName returns the node's name in Kubernetes.
func (n *Node) NodeName() string { return fmt.Sprintf("%s-%d", n.Name, n.Number) }

// Namespace returns the name of the node's network namespace.
func (n *Node) Namespace() string { return "mws-" + n.NodeName() }

// IP returns the node's address.
func (n *Node) IP() string { return fmt.Sprintf("198.18.%d.%d", n.Index, n.Number) }

// PodRange returns the address range of the node's Pods.
func (n *Node) PodRange() string { return fmt.Sprintf("10.1.%d.0/24", n.Number) }

// Dir returns a path in the node's data folder.
func (n *Node) Dir(parts ...string) string {
	return n.File(append([]string{"nodes", fmt.Sprint(n.Number)}, parts...)...)
}

// RunDir returns a path in the node's run folder.
func (n *Node) RunDir(parts ...string) string {
	return filepath.Join(append([]string{n.Run, fmt.Sprint(n.Number)}, parts...)...)
}

// ContainerdSocket returns the path of the socket of the node's containerd.
func (n *Node) ContainerdSocket() string { return n.RunDir("containerd.sock") }
