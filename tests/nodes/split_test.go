package nodes

import (
	"context"
	"net"
	"os"
	"os/exec"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/mediawiki-stack/mediawiki-stack/internal/mediawiki"
	"github.com/mediawiki-stack/mediawiki-stack/tests/internal/await"
	"github.com/mediawiki-stack/mediawiki-stack/tests/internal/node"
	"github.com/mediawiki-stack/mediawiki-stack/tests/internal/process"
)

// cutOff is the page that a client beside a primary edits before and after the node is cut off.
const cutOff = "Cut off"

// beside returns a client with the administrator's session that connects from a node to the web Pod on that node. The client has already
// edited the page cutOff.
func (w *wiki) beside(t *testing.T, name string) *mediawiki.Client {
	t.Helper()
	w.spread(t)
	for _, pod := range w.AwaitReady(t, webPods, nodes) {
		if pod.Spec.NodeName != name {
			continue
		}
		dial, address := node.Dialer(name), net.JoinHostPort(pod.Status.PodIP, "8080")
		client := w.admin.WithDial(func(ctx context.Context, network, _ string) (net.Conn, error) {
			return dial(ctx, network, address)
		})
		require.NoError(t, client.Edit(t.Context(), cutOff, "Before the node was cut off."))
		return client
	}
	require.Fail(t, "no web Pod on "+name)
	return nil
}

// spread deletes a web Pod that shares its node with another, so that its replacement starts on a node without one. A Pod that has moved
// from a lost node stays where it is when the node is back.
func (w *wiki) spread(t *testing.T) {
	t.Helper()
	taken := map[string]bool{}
	for _, pod := range w.AwaitReady(t, webPods, nodes) {
		if taken[pod.Spec.NodeName] {
			w.DeletePod(t, pod.Name)
		}
		taken[pod.Spec.NodeName] = true
	}
	w.isSpread(t, webPods)
}

// refusesEdits checks that a client beside the old primary cannot edit, although the network between them works.
func (w *wiki) refusesEdits(t *testing.T, client *mediawiki.Client) {
	t.Helper()
	for range 3 {
		begun := time.Now()
		err := client.Edit(t.Context(), cutOff, "After the node was cut off.")
		t.Logf("beside the old primary, an edit ended after %s: %v", time.Since(begun).Round(time.Millisecond), err)
		require.Error(t, err)
	}
}

// bothAreKilled kills all processes of both databases at once.
func (w *wiki) bothAreKilled(t *testing.T) {
	before, _ := w.databases(t)
	l := w.startLoad(t, w.entrance)
	wait(t, usual/2)
	pods := w.Pods(t, "app in (mediawiki-db,mediawiki-db2)")
	processes := make([]process.Process, 0, len(pods))
	for _, pod := range pods {
		processes = append(processes, process.OfPod(pod.UID)...)
	}
	killed := time.Now()
	require.NoError(t, process.Kill(processes))
	w.awaitEdit(t, l, killed)
	w.awaitReplica(t)
	t.Logf("edits waited for the replica again after %s", time.Since(killed).Round(time.Second))
	requests := l.end()
	from, to := failing(between(requests, cached, killed, time.Now()))
	assert.Zero(t, to.Sub(from), "how long cached reads failed")
	w.hasAcknowledged(t, l)
	primary, _ := w.databases(t)
	assert.Equal(t, before.pod, primary.pod)
}

// replicasNodeIsLost cuts off the replica's node. The replica may hold edits up once, and slow reads go to the primary.
func (w *wiki) replicasNodeIsLost(t *testing.T) {
	if _, replica := w.databases(t); replica.node == w.entrance { // the API server is there
		require.NoError(t, w.promote(t))
		w.awaitReplica(t)
	}
	_, replica := w.databases(t)
	w.nodeIsCutOff(t, replica.node, w.entrance)
	w.awaitReplica(t)
}

// refusedPromotionChangesNothing promotes a replica that no longer reaches the primary, while the API server does. `wiki promote` then
// closes the primary before the replica refuses.
func (w *wiki) refusedPromotionChangesNothing(t *testing.T) {
	primary, replica := w.databases(t)
	in := func(script string) error { return replica.run(t, "replication", script) }
	await.Success(t, "the replica has seen that edits wait for it", func() error { return in("grep -qx ON /run/mysqld/synchronous") })
	address := w.Pods(t, "statefulset.kubernetes.io/pod-name="+primary.pod)[0].Status.PodIP
	route := func(change string) error {
		namespace := "mws-" + os.Getenv("CLUSTER") + replica.node[len(replica.node)-2:]
		return exec.CommandContext(context.WithoutCancel(t.Context()), "ip", "-n", namespace, "route", change, "blackhole", address).Run()
	}
	require.NoError(t, route("add"))
	t.Cleanup(func() { _ = route("del") })
	await.Success(t, "the replica has not seen the primary for longer than an edit waits", func() error {
		return in(`(($(date +%s) - $(stat -c %Y /run/mysqld/synchronous) > 12))`)
	})
	err := w.promote(t)
	require.ErrorContains(t, err, "not promoted, and nothing has changed: the primary was alive for")
	require.NoError(t, route("del"))
	begun := time.Now()
	await.Success(t, "the primary accepts edits", func() error { return w.admin.Edit(t.Context(), edited, "After a refused promotion.") })
	w.edits++
	t.Logf("an edit was acknowledged %s after the refusal", time.Since(begun).Round(time.Second/10))
	now, _ := w.databases(t)
	assert.Equal(t, primary.pod, now.pod)
	w.awaitReplica(t)
}
