package cluster_test

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/mediawiki-stack/mediawiki-stack/internal/cluster"
)

func TestAdviceIsForTheClusterThatItIsAbout(t *testing.T) {
	microk8s := cluster.OnTheMachine("microk8s status --wait-ready")
	for host, want := range map[string]string{
		"https://198.18.3.1:16443":   "make up     (in the checkout; it starts the cluster)",
		"198.18.3.1":                 "make up     (in the checkout; it starts the cluster)",
		"https://192.168.1.10:16443": microk8s,
		"raspberrypi":                microk8s,
		"":                           microk8s,
	} {
		assert.Equal(t, want, cluster.Advice(host, microk8s), host)
	}
	assert.Equal(t, "make logs COMPONENT=kubelet@3     (in the checkout)", cluster.Advice("198.18.0.1", cluster.KubeletLog("mediawiki-3")))
	for _, fix := range []string{
		cluster.PrintKubeconfig, cluster.OnTheMachine("microk8s enable dns") + "\nkubectl get pods",
		cluster.OnTheMachine("microk8s enable observability") + "\n    or: pulumi config set --path monitoring.operator false",
		cluster.OnTheMachine("microk8s enable cert-manager"), cluster.OnTheMachine("microk8s enable hostpath-storage"),
		cluster.OnTheMachine("microk8s enable ingress"), cluster.OnTheMachine("microk8s enable metrics-server"),
		cluster.OnTheMachine("microk8s enable rbac"),
	} {
		assert.NotContains(t, cluster.Advice("198.18.0.1", fix), "microk8s")
	}
}
