// Package pki creates a cluster's certificates and kubeconfig files with kubeadm's own phases.
package pki

import (
	"bytes"
	"crypto"
	"crypto/x509"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"os"
	"time"

	"k8s.io/client-go/tools/clientcmd"
	certutil "k8s.io/client-go/util/cert"
	"k8s.io/kubernetes/cmd/kubeadm/app/apis/kubeadm"
	"k8s.io/kubernetes/cmd/kubeadm/app/constants"
	"k8s.io/kubernetes/cmd/kubeadm/app/phases/certs"
	"k8s.io/kubernetes/cmd/kubeadm/app/phases/kubeconfig"
	configutil "k8s.io/kubernetes/cmd/kubeadm/app/util/config"
	"k8s.io/kubernetes/cmd/kubeadm/app/util/pkiutil"

	"github.com/mediawiki-stack/mediawiki-stack/local/cluster/internal/paths"
)

// validity of every certificate. A development cluster is created again sooner than that.
const validity = 10 * 365 * 24 * time.Hour

// users are the users of the components by the names of their kubeconfig files.
// https://kubernetes.io/docs/reference/access-authn-authz/rbac/#core-component-roles
var users = map[string]string{
	"controller-manager": "system:kube-controller-manager",
	"scheduler":          "system:kube-scheduler",
	"proxy":              "system:kube-proxy",
	"provisioner":        "system:hostpath-provisioner",
	"network-policies":   "system:network-policies",
}

// Ensure creates the missing parts of the PKI for the given number of nodes. All its files have mode 0600.
func Ensure(c *paths.Cluster, nodes int) error {
	cfg, err := configuration(c)
	if err != nil {
		return err
	}
	if err := quietly(func() error { return certs.CreatePKIAssets(cfg) }); err != nil {
		return fmt.Errorf("creating certificates: %w", err)
	}
	if err := ensureKubeconfigs(c, cfg, nodes); err != nil {
		return err
	}
	for n := 1; n <= nodes; n++ {
		if err := ensureKubeletServing(c.Node(n)); err != nil {
			return err
		}
	}
	return onlyForOwner(c.File("pki"))
}

// quietly runs a phase of kubeadm, which prints a line for each file, without its output.
func quietly(phase func() error) error {
	silence, err := os.OpenFile(os.DevNull, os.O_WRONLY, 0)
	if err != nil {
		return err
	}
	defer silence.Close()
	stdout := os.Stdout
	os.Stdout = silence
	defer func() { os.Stdout = stdout }()
	return phase()
}

func configuration(c *paths.Cluster) (*kubeadm.InitConfiguration, error) {
	cfg, err := configutil.DefaultedStaticInitConfiguration()
	if err != nil {
		return nil, err
	}
	cfg.CertificatesDir = c.File("pki")
	cfg.ClusterName = paths.ClusterName
	cfg.Networking.ServiceSubnet = paths.ServiceRange
	cfg.Networking.DNSDomain = paths.Domain
	cfg.LocalAPIEndpoint = kubeadm.APIEndpoint{AdvertiseAddress: c.Node(1).IP(), BindPort: paths.APIPort}
	cfg.ControlPlaneEndpoint = net.JoinHostPort(c.Node(1).IP(), fmt.Sprint(paths.APIPort))
	cfg.NodeRegistration.Name = c.Node(1).NodeName()
	cfg.APIServer.CertSANs = []string{"127.0.0.1", "localhost"}
	return cfg, nil
}

func ensureKubeconfigs(c *paths.Cluster, cfg *kubeadm.InitConfiguration, nodes int) error {
	for file, user := range users {
		if err := ensureKubeconfig(c.File("pki", file+".kubeconfig"), cfg, user); err != nil {
			return err
		}
	}
	for n := 1; n <= nodes; n++ {
		name := c.Node(n).NodeName()
		if err := ensureKubeconfig(c.File("pki", "kubelet-"+name+".kubeconfig"), cfg, "system:node:"+name, "system:nodes"); err != nil {
			return err
		}
	}
	if err := ensureKubeconfig(c.Kubeconfig(), cfg, "admin", "system:masters"); err != nil {
		return err
	}
	return nameContext(c.Kubeconfig())
}

func ensureKubeconfig(path string, cfg *kubeadm.InitConfiguration, user string, groups ...string) error {
	if _, err := os.Stat(path); err == nil {
		return nil
	}
	var text bytes.Buffer
	if err := kubeconfig.WriteKubeConfigWithClientCert(&text, cfg, user, groups, time.Now().Add(validity)); err != nil {
		return fmt.Errorf("creating the kubeconfig of %s: %w", user, err)
	}
	return os.WriteFile(path, text.Bytes(), 0o600)
}

// nameContext renames the administrator's only context to the name that microk8s uses.
func nameContext(path string) error {
	file, err := clientcmd.LoadFromFile(path)
	if err != nil {
		return err
	}
	if file.CurrentContext == paths.Context {
		return nil
	}
	file.Contexts[paths.Context] = file.Contexts[file.CurrentContext]
	delete(file.Contexts, file.CurrentContext)
	file.CurrentContext = paths.Context
	return clientcmd.WriteToFile(*file, path)
}

// ensureKubeletServing creates the serving certificate of the node's kubelet.
func ensureKubeletServing(n *paths.Node) error {
	dir, name := n.File("pki"), "kubelet-serving-"+n.NodeName()
	if pkiutil.CertOrKeyExist(dir, name) {
		return nil
	}
	ca, key, err := pkiutil.TryLoadCertAndKeyFromDisk(dir, constants.CACertAndKeyBaseName)
	if err != nil {
		return err
	}
	cert, certKey, err := sign(ca, key, n)
	if err != nil {
		return fmt.Errorf("signing the certificate of %s: %w", n.NodeName(), err)
	}
	return pkiutil.WriteCertAndKey(dir, name, cert, certKey)
}

func sign(ca *x509.Certificate, key crypto.Signer, n *paths.Node) (*x509.Certificate, crypto.Signer, error) {
	return pkiutil.NewCertAndKey(ca, key, &pkiutil.CertConfig{
		Config: certutil.Config{
			CommonName:   "system:node:" + n.NodeName(),
			Organization: []string{"system:nodes"},
			AltNames:     certutil.AltNames{DNSNames: []string{n.NodeName()}, IPs: []net.IP{net.ParseIP(n.IP())}},
			Usages:       []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
		},
		NotAfter: time.Now().Add(validity),
	})
}

func onlyForOwner(dir string) (err error) {
	root, err := os.OpenRoot(dir)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, root.Close()) }()
	return fs.WalkDir(root.FS(), ".", func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		return root.Chmod(path, 0o600)
	})
}
