// Package node configures a node's programs: containerd, kubelet, kube-proxy and the enforcer of NetworkPolicies.
package node

import (
	"bytes"
	"embed"
	"fmt"
	"os"
	"path/filepath"
	"text/template"
	"time"

	"github.com/mediawiki-stack/mediawiki-stack/local/cluster/internal/paths"
	"github.com/mediawiki-stack/mediawiki-stack/local/cluster/internal/process"
)

// PauseImage is the image of the container that holds a Pod's namespaces open.
const PauseImage = "localhost/pause:local"

//go:embed files
var files embed.FS

var templates = template.Must(template.ParseFS(files, "files/*"))

// view is the data of the templates.
type view struct {
	*paths.Node
	PauseImage   string
	CNIPlugins   string
	DNSService   string
	Domain       string
	PodRangeAll  string
	ServiceRange string
}

// CNIPlugins is the folder of Debian's package containernetworking-plugins.
const CNIPlugins = "/usr/lib/cni"

// Configure writes the configuration of the node's programs. restart tells whether the kubelet's has changed, which a running kubelet does
// not notice.
func Configure(n *paths.Node) (restart bool, err error) {
	v := view{n, PauseImage, CNIPlugins, paths.DNSService, paths.Domain, paths.PodRange, paths.ServiceRange}
	for name, target := range map[string]string{
		"containerd.toml": n.Dir("containerd.toml"),
		"cni.conflist":    n.Dir("cni", "10-bridge.conflist"),
		"kubelet.yaml":    n.Dir("kubelet.yaml"),
		"kube-proxy.yaml": n.Dir("kube-proxy.yaml"),
		"resolv.conf":     n.Dir("resolv.conf"),
	} {
		var text bytes.Buffer
		if err := templates.ExecuteTemplate(&text, name, v); err != nil {
			return false, err
		}
		if err := os.MkdirAll(filepath.Dir(target), 0o700); err != nil {
			return false, err
		}
		// kube-proxy exits when its file is written, even if the content stays the same.
		if old, err := os.ReadFile(target); err == nil && bytes.Equal(old, text.Bytes()) {
			continue
		}
		if err := os.WriteFile(target, text.Bytes(), 0o600); err != nil {
			return false, err
		}
		restart = restart || name == "kubelet.yaml"
	}
	return restart, os.MkdirAll(n.RunDir(), 0o711) // processes in containers that are not root pass through it
}

const grace = 20 * time.Second

// Containerd returns the node's container runtime.
func Containerd(n *paths.Node) *process.Daemon {
	return daemon(n, "containerd", nil, "containerd", "--config="+n.Dir("containerd.toml"))
}

// Kubelet returns the node's kubelet. self is the path of this binary.
func Kubelet(n *paths.Node, self string) *process.Daemon {
	return daemon(n, "kubelet", []uint16{10250, 10248}, self, "run", "kubelet",
		"--config="+n.Dir("kubelet.yaml"),
		"--kubeconfig="+n.File("pki", "kubelet-"+n.NodeName()+".kubeconfig"),
		"--hostname-override="+n.NodeName(), "--node-ip="+n.IP(),
		"--root-dir="+n.Dir("kubelet"), "--cert-dir="+n.Dir("kubelet", "pki"))
}

// Daemons returns the node's programs in the order in which they start. self is the path of this binary.
func Daemons(n *paths.Node, self string) []*process.Daemon {
	return []*process.Daemon{
		Containerd(n),
		Kubelet(n, self),
		daemon(n, "kube-proxy", []uint16{10249, 10256}, self, "run", "kube-proxy",
			"--config="+n.Dir("kube-proxy.yaml"), "--hostname-override="+n.NodeName()),
		daemon(n, "network-policies", nil, self, "run", "network-policies",
			"--kubeconfig="+n.File("pki", "network-policies.kubeconfig"), "--node="+n.NodeName()),
	}
}

func daemon(n *paths.Node, name string, ports []uint16, args ...string) *process.Daemon {
	full := fmt.Sprintf("%s@%d", name, n.Number)
	return &process.Daemon{
		Name:      full,
		Namespace: n.Namespace(),
		Args:      args,
		PIDFile:   n.File("run", full+".pid"),
		LogFile:   n.File("log", full+".log"),
		Ports:     ports,
		Grace:     grace,
	}
}
