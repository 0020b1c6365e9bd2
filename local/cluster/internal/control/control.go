// Package control configures the programs of the control plane, which node 1 runs.
package control

import (
	"fmt"
	"time"

	"github.com/mediawiki-stack/mediawiki-stack/local/cluster/internal/paths"
	"github.com/mediawiki-stack/mediawiki-stack/local/cluster/internal/process"
)

const grace = 20 * time.Second

// Daemons returns the control plane's programs in the order in which they start. All need the first two, etcd and the API server. self is
// the path of this binary.
func Daemons(c *paths.Cluster, self string) []*process.Daemon {
	return []*process.Daemon{
		daemon(c, self, "etcd", []uint16{2379, 2380}, etcd(c)),
		daemon(c, self, "kube-apiserver", []uint16{paths.APIPort}, apiserver(c)),
		daemon(c, self, "kube-controller-manager", []uint16{10257}, controllerManager(c)),
		daemon(c, self, "kube-scheduler", []uint16{10259}, []string{
			"--kubeconfig=" + pki(c, "scheduler.kubeconfig"),
			"--authentication-kubeconfig=" + pki(c, "scheduler.kubeconfig"),
			"--authorization-kubeconfig=" + pki(c, "scheduler.kubeconfig"),
			"--bind-address=127.0.0.1", "--leader-elect=false",
		}),
		daemon(c, self, "provisioner", nil, []string{
			"--kubeconfig=" + pki(c, "provisioner.kubeconfig"), "--dir=" + c.Storage(),
		}),
	}
}

func daemon(c *paths.Cluster, self, name string, ports []uint16, flags []string) *process.Daemon {
	return &process.Daemon{
		Name:      name,
		Namespace: c.Node(1).Namespace(),
		Args:      append([]string{self, "run", name}, flags...),
		PIDFile:   c.File("run", name+".pid"),
		LogFile:   c.File("log", name+".log"),
		Ports:     ports,
		Grace:     grace,
	}
}

func pki(c *paths.Cluster, file string) string { return c.File("pki", file) }

// etcd listens on loopback only, and accepts only clients with a certificate. https://etcd.io/docs/v3.6/op-guide/security/
func etcd(c *paths.Cluster) []string {
	return []string{
		"--name=" + c.Node(1).NodeName(), "--data-dir=" + c.File("etcd"),
		"--listen-client-urls=https://127.0.0.1:2379", "--advertise-client-urls=https://127.0.0.1:2379",
		"--listen-peer-urls=https://127.0.0.1:2380", "--initial-advertise-peer-urls=https://127.0.0.1:2380",
		fmt.Sprintf("--initial-cluster=%s=https://127.0.0.1:2380", c.Node(1).NodeName()),
		"--cert-file=" + pki(c, "etcd/server.crt"), "--key-file=" + pki(c, "etcd/server.key"),
		"--client-cert-auth", "--trusted-ca-file=" + pki(c, "etcd/ca.crt"),
		"--peer-cert-file=" + pki(c, "etcd/peer.crt"), "--peer-key-file=" + pki(c, "etcd/peer.key"),
		"--peer-client-cert-auth", "--peer-trusted-ca-file=" + pki(c, "etcd/ca.crt"),
	}
}

func apiserver(c *paths.Cluster) []string {
	return []string{
		"--advertise-address=" + c.Node(1).IP(), fmt.Sprintf("--secure-port=%d", paths.APIPort),
		"--tls-cert-file=" + pki(c, "apiserver.crt"), "--tls-private-key-file=" + pki(c, "apiserver.key"),
		"--client-ca-file=" + pki(c, "ca.crt"), "--anonymous-auth=false",
		"--authorization-mode=Node,RBAC", "--enable-admission-plugins=NodeRestriction",
		"--etcd-servers=https://127.0.0.1:2379", "--etcd-cafile=" + pki(c, "etcd/ca.crt"),
		"--etcd-certfile=" + pki(c, "apiserver-etcd-client.crt"), "--etcd-keyfile=" + pki(c, "apiserver-etcd-client.key"),
		"--kubelet-certificate-authority=" + pki(c, "ca.crt"),
		"--kubelet-client-certificate=" + pki(c, "apiserver-kubelet-client.crt"),
		"--kubelet-client-key=" + pki(c, "apiserver-kubelet-client.key"),
		"--kubelet-preferred-address-types=InternalIP", // no DNS server knows the nodes' names
		"--proxy-client-cert-file=" + pki(c, "front-proxy-client.crt"),
		"--proxy-client-key-file=" + pki(c, "front-proxy-client.key"),
		"--requestheader-client-ca-file=" + pki(c, "front-proxy-ca.crt"),
		"--requestheader-allowed-names=front-proxy-client", "--requestheader-extra-headers-prefix=X-Remote-Extra-",
		"--requestheader-group-headers=X-Remote-Group", "--requestheader-username-headers=X-Remote-User",
		"--service-cluster-ip-range=" + paths.ServiceRange,
		"--service-account-issuer=https://kubernetes.default.svc." + paths.Domain,
		"--service-account-key-file=" + pki(c, "sa.pub"), "--service-account-signing-key-file=" + pki(c, "sa.key"),
		"--allow-privileged=true",
		"--feature-gates=ImageVolume=true", // as in Kubernetes 1.35
	}
}

func controllerManager(c *paths.Cluster) []string {
	kubeconfig := pki(c, "controller-manager.kubeconfig")
	return []string{
		"--kubeconfig=" + kubeconfig, "--authentication-kubeconfig=" + kubeconfig, "--authorization-kubeconfig=" + kubeconfig,
		"--bind-address=127.0.0.1", "--leader-elect=false",
		"--root-ca-file=" + pki(c, "ca.crt"), "--service-account-private-key-file=" + pki(c, "sa.key"),
		"--cluster-signing-cert-file=" + pki(c, "ca.crt"), "--cluster-signing-key-file=" + pki(c, "ca.key"),
		"--use-service-account-credentials=true",
		"--node-monitor-grace-period=20s",
	}
}
