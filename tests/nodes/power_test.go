package nodes

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/mediawiki-stack/mediawiki-stack/internal/operate"
	"github.com/mediawiki-stack/mediawiki-stack/tests/internal/await"
	"github.com/mediawiki-stack/mediawiki-stack/tests/internal/node"
	"github.com/mediawiki-stack/mediawiki-stack/tests/internal/process"
)

// powerIsCut kills everything that runs on a node. While the node is off, it restores a backup, and runs an update with a migration as the
// warning of the preview advises.
func (w *wiki) powerIsCut(t *testing.T) {
	victim := w.victim(t)
	operator := &operate.Wiki{Client: w.Kube, Attach: operate.AttachWith(w.Config), Namespace: w.Name, Name: "mediawiki"}
	show := func(line string) { t.Log(line) }
	require.NoError(t, w.admin.Edit(t.Context(), "Kept", "In the backup."))
	require.NoError(t, operator.Backup(t.Context(), show))
	require.NoError(t, w.admin.Edit(t.Context(), "Kept", "Not in the backup."))

	w.cutPower(t, victim)
	await.Success(t, "Kubernetes notices", func() error { return w.readiness(t, victim, corev1.ConditionUnknown) })
	require.NoError(t, operator.Restore(t.Context(), "", show))
	w.signIn(t) // to the restored wiki
	texts, err := w.admin.Texts(t.Context(), "Kept")
	require.NoError(t, err)
	assert.Equal(t, map[string]string{"Kept": "In the backup."}, texts)

	const off = "node.kubernetes.io/out-of-service"
	w.SetValue(t, "extensions", []string{"OATHAuth"}) // has tables of its own
	warning := w.Preview(t).Printed
	assert.Contains(t, warning, "node "+victim+" is not ready: an update that changes mediawiki-cache-")
	assert.Contains(t, warning, "kubectl taint nodes "+victim+" "+off+"=off:NoExecute")
	kubectl(t, "taint", "nodes", victim, off+"=off:NoExecute")
	w.Up(t)
	w.signIn(t) // MediaWiki's updater empties the table of sessions
	require.NoError(t, w.admin.Edit(t.Context(), "Kept", "After the update."))

	kubectl(t, "taint", "nodes", victim, off+"-")
	cable(t, victim, "up")
	node.Up(t)
	await.Success(t, "the node is ready", func() error { return w.readiness(t, victim, corev1.ConditionTrue) })
	w.AwaitReady(t, webPods, nodes)
	w.AwaitReady(t, cachePods, nodes)
	assert.Empty(t, w.Preview(t, "--expect-no-changes").Changes)
}

// cutPower kills a node's programs and containers, and cuts its cable, until the test ends or starts it again.
func (w *wiki) cutPower(t *testing.T, name string) {
	t.Helper()
	pods, err := w.Kube.CoreV1().Pods(metav1.NamespaceAll).List(t.Context(), metav1.ListOptions{FieldSelector: "spec.nodeName=" + name})
	require.NoError(t, err)
	at := "@" + name[strings.LastIndex(name, "-")+1:]
	node.Kill(t, "kubelet"+at, "kube-proxy"+at, "network-policies"+at, "containerd"+at)
	for i := range pods.Items {
		require.NoError(t, process.Kill(process.OfPod(pods.Items[i].UID)))
	}
	cable(t, name, "down")
	t.Cleanup(func() { cable(t, name, "up") })
}
