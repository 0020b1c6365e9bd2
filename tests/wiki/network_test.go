package wiki

import (
	"context"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/mediawiki-stack/mediawiki-stack/tests/internal/kube"
)

// policiesAreEnforced tries connections that the policies allow or deny. Calico, which microk8s has, enforces policies, and so does the
// embedded cluster.
func (w *wiki) policiesAreEnforced(t *testing.T) {
	web := w.outputs.ServiceName + ":80"
	const pods, purge = "mediawiki-app:8080", "mediawiki-cache-0:8082"
	assert.Equal(t, []string{"mediawiki-db:3306 shut", web + " open", pods + " shut", purge + " shut"},
		w.unrelatedPodReaches(t, "mediawiki-db:3306", web, pods, purge), "from an unrelated Pod")

	pod := kube.Names(w.AwaitReady(t, webPods, replicas))[0]
	const dns, metrics = "kube-dns.kube-system:53", "kube-dns.kube-system:9153"
	printed, err := w.Exec(t.Context(), pod, webContainer, "", kube.ReachCommand("mediawiki-db:3306", dns, metrics)...)
	require.NoError(t, err)
	assert.Equal(t, []string{"mediawiki-db:3306 open", dns + " open", metrics + " shut"}, lines(printed), "from a web Pod")
}

// unrelatedPodReaches runs [kube.ReachCommand] in a Pod of the wiki's namespace that belongs to no part of the wiki.
func (w *wiki) unrelatedPodReaches(t *testing.T, addresses ...string) []string {
	t.Helper()
	jobs := w.Pods(t, jobPods)
	require.NotEmpty(t, jobs)
	spec := *jobs[0].Spec.DeepCopy()
	spec.NodeName, spec.InitContainers, spec.RestartPolicy = "", nil, corev1.RestartPolicyNever
	spec.Containers[0].Command = kube.ReachCommand(addresses...)
	pods := w.Kube.CoreV1().Pods(w.Name)
	_, err := pods.Create(t.Context(), &corev1.Pod{ObjectMeta: metav1.ObjectMeta{Name: "unrelated"}, Spec: spec}, metav1.CreateOptions{})
	require.NoError(t, err)
	defer func() {
		assert.NoError(t, pods.Delete(context.WithoutCancel(t.Context()), "unrelated", metav1.DeleteOptions{}))
	}()
	w.awaitSuccess(t, "unrelated")
	printed, err := pods.GetLogs("unrelated", &corev1.PodLogOptions{}).DoRaw(t.Context())
	require.NoError(t, err)
	return lines(string(printed))
}

func lines(text string) []string { return strings.Split(strings.TrimSpace(text), "\n") }
