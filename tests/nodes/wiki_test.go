package nodes

import (
	"context"
	"maps"
	"net"
	"net/url"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	corev1 "k8s.io/api/core/v1"
	storagev1 "k8s.io/api/storage/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/mediawiki-stack/mediawiki-stack/internal/mediawiki"
	"github.com/mediawiki-stack/mediawiki-stack/tests/internal/engine"
	"github.com/mediawiki-stack/mediawiki-stack/tests/internal/kube"
	"github.com/mediawiki-stack/mediawiki-stack/tests/internal/secret"
)

// nodes is how many nodes the cluster has, and how many web and cache Pods the wiki has.
const nodes = 3

// Selectors of the wiki's Pods.
const (
	webPods      = "app=mediawiki-app"
	cachePods    = "app=mediawiki-cache"
	databasePods = "app=mediawiki-db"
)

// wiki is a stack with a web and a cache Pod on each node.
type wiki struct {
	*engine.Stack
	*kube.Namespace
	url   string
	port  string            // the node port
	nodes map[string]string // addresses by name
	// entrance is the node with the API server, which is never lost.
	entrance string
	admin    *mediawiki.Client // connects to the database's node, or to the entrance in tests of two databases
	edits    int               // acknowledged ones of the edited page; hasAcknowledged adds those of loads
}

// newWiki creates a stack with additional settings, and deploys it.
func newWiki(t *testing.T, stack string, more map[string]any) *wiki {
	t.Helper()
	w := &wiki{Namespace: kube.Open(t, "mediawiki-"+stack), nodes: map[string]string{}}
	list, err := w.Kube.CoreV1().Nodes().List(t.Context(), metav1.ListOptions{})
	require.NoError(t, err)
	require.Len(t, list.Items, nodes, "these tests need a cluster with three nodes; fix: make test-nodes")
	for _, node := range list.Items {
		at := slices.IndexFunc(node.Status.Addresses, func(a corev1.NodeAddress) bool { return a.Type == corev1.NodeInternalIP })
		require.GreaterOrEqual(t, at, 0)
		w.nodes[node.Name] = node.Status.Addresses[at].Address
	}
	w.entrance = list.Items[0].Name
	w.shareFolder(t)
	w.Temporary(t)
	settings := map[string]any{
		"replicas": nodes, "cache.replicas": nodes,
		"uploads.storageClass": sharedFolder, "uploads.accessMode": "ReadWriteMany",
		"backups.storageClass": sharedFolder, // a lost node has no volume that others need
	}
	maps.Copy(settings, more)
	w.Stack = engine.NewStack(t, stack, engine.Options{
		Settings: settings,
		Secrets:  map[string]string{"masterSecret": secret.New()},
	})
	w.Up(t)
	w.url = w.outputs(t).URL
	address, err := url.Parse(w.url)
	require.NoError(t, err)
	w.port = address.Port()
	door := w.entrance
	if len(more) == 0 {
		door = w.databaseNode(t)
	}
	w.admin = w.reader(door).WithTimeout(time.Minute)
	w.signIn(t)
	return w
}

// outputs are the stack's outputs that tests read.
type outputs struct {
	URL           string `json:"url"`
	AdminUser     string `json:"adminUser"`
	AdminPassword string `json:"adminPassword"`
}

func (w *wiki) outputs(t *testing.T) outputs {
	t.Helper()
	var out outputs
	w.Outputs(t, &out)
	return out
}

func (w *wiki) signIn(t *testing.T) {
	t.Helper()
	out := w.outputs(t)
	require.NoError(t, w.admin.LogIn(t.Context(), out.AdminUser, out.AdminPassword))
}

const sharedFolder = "shared-folder"

// shareFolder creates a storage class whose volumes all nodes can mount, because they are on one machine.
func (w *wiki) shareFolder(t *testing.T) {
	t.Helper()
	classes := w.Kube.StorageV1().StorageClasses()
	immediate := storagev1.VolumeBindingImmediate
	_, err := classes.Create(t.Context(), &storagev1.StorageClass{
		ObjectMeta: metav1.ObjectMeta{Name: sharedFolder}, Provisioner: "microk8s.io/hostpath", VolumeBindingMode: &immediate,
	}, metav1.CreateOptions{})
	require.NoError(t, err)
	t.Cleanup(func() {
		assert.NoError(t, classes.Delete(context.WithoutCancel(t.Context()), sharedFolder, metav1.DeleteOptions{}))
	})
}

// reader returns a client without a session that connects to a node's port.
func (w *wiki) reader(node string) *mediawiki.Client {
	address := net.JoinHostPort(w.nodes[node], w.port)
	return mediawiki.New(w.url).Through(func(ctx context.Context, network, _ string) (net.Conn, error) {
		return new(net.Dialer).DialContext(ctx, network, address)
	})
}

// databaseNode returns the name of the node that runs MariaDB.
func (w *wiki) databaseNode(t *testing.T) string {
	t.Helper()
	for _, pod := range w.AwaitReady(t, databasePods, 1) {
		return pod.Spec.NodeName
	}
	return ""
}

// victim returns the name of a node that runs neither MariaDB nor the control plane, which is on the first one.
func (w *wiki) victim(t *testing.T) string {
	t.Helper()
	database := w.databaseNode(t)
	list, err := w.Kube.CoreV1().Nodes().List(t.Context(), metav1.ListOptions{})
	require.NoError(t, err)
	for _, node := range list.Items[1:] {
		if node.Name != database {
			return node.Name
		}
	}
	require.Fail(t, "there is no such node")
	return ""
}

// explain is like Explain, and logs where the wiki's Pods run.
func (w *wiki) explain(t *testing.T) {
	t.Helper()
	if !t.Failed() {
		return
	}
	for _, pod := range w.Pods(t, "") {
		t.Logf("%s: %s on %s", pod.Name, pod.Status.Phase, pod.Spec.NodeName)
	}
	w.Explain(t)
}

// isSpread checks that each node has a ready Pod.
func (w *wiki) isSpread(t *testing.T, selector string) {
	t.Helper()
	on := map[string]int{}
	for _, pod := range w.AwaitReady(t, selector, nodes) {
		on[pod.Spec.NodeName]++
	}
	assert.Len(t, on, nodes, "nodes with Pods of %s: %v", selector, on)
}
