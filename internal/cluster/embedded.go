package cluster

import (
	"cmp"
	"net/netip"
	"net/url"
	"regexp"
	"strings"
)

// embedded has the addresses of nodes of the embedded cluster. The range is reserved for network benchmarks, so no other cluster is in it.
var embedded = netip.MustParsePrefix("198.18.0.0/15")

// embeddedCommands replaces commands of microk8s by those that do the same on the embedded cluster.
var embeddedCommands = strings.NewReplacer(
	PrintKubeconfig, "make up     (in the checkout; it writes the kubeconfig again)",
	OnTheMachine("microk8s status --wait-ready"), "make up     (in the checkout; it starts the cluster)",
	OnTheMachine("microk8s inspect"), "make status     (in the checkout)",
	OnTheMachine("microk8s enable hostpath-storage"), "make up     (in the checkout; it creates the class again)",
	OnTheMachine("microk8s enable dns"), "make up     (in the checkout; it installs CoreDNS again)",
	OnTheMachine("microk8s enable metrics-server"), "make up METRICS_SERVER=yes     (in the checkout; it adds metrics-server)",
	OnTheMachine("microk8s enable ingress"), "make up INGRESS=yes     (in the checkout; it adds Traefik and cert-manager)",
	OnTheMachine("microk8s enable cert-manager"), "make up INGRESS=yes     (in the checkout; it adds Traefik and cert-manager)",
	OnTheMachine("microk8s enable observability")+"\n    or: ", "", // it has no Prometheus operator
	OnTheMachine("microk8s enable rbac"), "make up     (in the checkout; it starts the API server with RBAC)",
	OnTheMachine("microk8s enable ha-cluster")+", which installs Calico", "make up     (in the checkout; it starts the enforcer again)",
	"/var/snap/microk8s/common", "~/.local/share/mediawiki-stack/clusters",
)

// embeddedKubeletLog matches what KubeletLog returns for a node of the embedded cluster, and its number.
var embeddedKubeletLog = regexp.MustCompile(regexp.QuoteMeta(kubeletLog) + `     \(on \S+-(\d)\)`)

// Advice adapts a command that fixes a cluster to the cluster whose API server is at host, a URL or an address: if that is the embedded
// cluster, it replaces the commands of microk8s.
func Advice(host, fix string) string {
	if !IsEmbedded(host) {
		return fix
	}
	return embeddedCommands.Replace(embeddedKubeletLog.ReplaceAllString(fix, "make logs COMPONENT=kubelet@$1     (in the checkout)"))
}

// IsEmbedded reports whether a cluster is the embedded one, by the host of its API server: a URL or an address.
func IsEmbedded(host string) bool {
	if server, err := url.Parse(host); err == nil {
		host = cmp.Or(server.Hostname(), host)
	}
	address, err := netip.ParseAddr(host)
	return err == nil && embedded.Contains(address)
}
