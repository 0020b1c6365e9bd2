// Package paths says where a cluster keeps its files and which addresses it uses.
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

// MaxNodes is how many nodes fit the host numbers and Pod ranges given to them.
const MaxNodes = 9

// Cluster is one embedded cluster: its name, and the number that keeps its addresses apart from another's.
type Cluster struct {
	Name  string
	Index int // 0 to 255, the third byte of its node addresses
	Data  string
	Run   string // sockets and state that a reboot may take
}

// New gives the folders of the cluster of that name; nothing is made yet.
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

// File is a path in the cluster's data folder.
func (c *Cluster) File(parts ...string) string {
	return filepath.Join(append([]string{c.Data}, parts...)...)
}

// Kubeconfig is the administrator's kubeconfig file.
func (c *Cluster) Kubeconfig() string { return c.File("kubeconfig") }

// Storage is the folder in which hostpath volumes lie.
func (c *Cluster) Storage() string { return c.File("storage") }

// HostIP is the host's own address on the nodes' network.
func (c *Cluster) HostIP() string { return fmt.Sprintf("198.18.%d.254", c.Index) }

// HostLink is the name of the host's end of the cable into the cluster.
func (c *Cluster) HostLink() string { return fmt.Sprintf("mws%d", c.Index) }

// Switch is the network namespace that joins the nodes and the host.
func (c *Cluster) Switch() string { return "mws-" + c.Name }

// APIServer is the address of the API server.
func (c *Cluster) APIServer() string {
	return fmt.Sprintf("https://%s:%d", c.Node(1).IP(), APIPort)
}

// Node is the n-th node, counted from 1.
func (c *Cluster) Node(n int) *Node { return &Node{Cluster: c, Number: n} }

// Node is one node of a cluster: a network namespace with a kubelet of its own.
type Node struct {
	*Cluster
	Number int
}

// NodeName is the node's name in Kubernetes and that of its network namespace without the prefix.
func (n *Node) NodeName() string { return fmt.Sprintf("%s-%d", n.Name, n.Number) }

// Namespace is the node's network namespace.
func (n *Node) Namespace() string { return "mws-" + n.NodeName() }

// IP is the node's address.
func (n *Node) IP() string { return fmt.Sprintf("198.18.%d.%d", n.Index, n.Number) }

// PodRange is the range of the node's Pods.
func (n *Node) PodRange() string { return fmt.Sprintf("10.1.%d.0/24", n.Number) }

// Dir is a path in the node's own data folder.
func (n *Node) Dir(parts ...string) string {
	return n.File(append([]string{"nodes", fmt.Sprint(n.Number)}, parts...)...)
}

// RunDir is a path in the node's own run folder.
func (n *Node) RunDir(parts ...string) string {
	return filepath.Join(append([]string{n.Run, fmt.Sprint(n.Number)}, parts...)...)
}

// ContainerdSocket is where the node's containerd listens.
func (n *Node) ContainerdSocket() string { return n.RunDir("containerd.sock") }
