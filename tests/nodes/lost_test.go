package nodes

import (
	"context"
	"errors"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/mediawiki-stack/mediawiki-stack/tests/internal/await"
)

const (
	// usual is how long a load runs before a node is lost.
	usual = 20 * time.Second
	// away is how long a node is lost.
	away = 90 * time.Second
)

// noticed is how long requests may fail or wait after a node is lost. Varnish repeats a read at another Pod. It cannot repeat an edit,
// which may have been saved: edits fail until Kubernetes sends none to the lost Pod.
var noticed = map[kind]time.Duration{cached: 15 * time.Second, uncached: 15 * time.Second, edits: 50 * time.Second}

// nodeIsCutOff cuts the link of a node off while all requests go to another one, and restores it.
func (w *wiki) nodeIsCutOff(t *testing.T, victim, entrance string) {
	t.Helper()
	there := w.reader(victim)
	l := w.startLoad(t, entrance)
	begun := time.Now()
	wait(t, usual)
	await.Success(t, "the victim's cache has the page", func() error { return readsVersion(t.Context(), there, 1) })

	cut := time.Now()
	cable(t, victim, "down")
	t.Cleanup(func() { cable(t, victim, "up") })
	wait(t, away)
	require.NoError(t, w.readiness(t, victim, corev1.ConditionUnknown))
	back := time.Now()
	cable(t, victim, "up")
	await.Success(t, "the node is ready", func() error { return w.readiness(t, victim, corev1.ConditionTrue) })
	least := l.acknowledged()
	await.Success(t, "the cache on the node that is back is up to date", func() error { return readsVersion(t.Context(), there, least) })
	t.Logf("the cache on the node that is back is up to date after %s", time.Since(back).Round(time.Millisecond))
	wait(t, usual)
	requests := l.end()

	for kind := range rates {
		before := between(requests, kind, begun, cut)
		early := between(requests, kind, cut, cut.Add(noticed[kind]))
		failed := 0
		for _, r := range early {
			if r.failed != nil {
				failed++
			}
		}
		t.Logf("%s: %d of %d failed within %s of the cut", kind, failed, len(early), noticed[kind])
		assertQuick(t, string(kind)+" while the node is away", between(requests, kind, cut.Add(noticed[kind]), back), before)
		assertQuick(t, string(kind)+" after the node is back", between(requests, kind, back, time.Now()), before)
	}
	w.AwaitReady(t, webPods, nodes) // the Pod that has moved stays where it is
	w.isSpread(t, cachePods)
}

// wait lets a load run for a time.
func wait(t *testing.T, duration time.Duration) {
	t.Helper()
	select {
	case <-time.After(duration):
	case <-t.Context().Done():
		t.Fatal(t.Context().Err())
	}
}

// cable sets the link between a node and the other nodes to "up" or "down". Package network of local/cluster creates the links.
func cable(t *testing.T, node, state string) {
	t.Helper()
	number := node[strings.LastIndex(node, "-")+1:]
	ctx := context.WithoutCancel(t.Context()) // a cleanup sets the link, too
	set := exec.CommandContext(ctx, "ip", "-n", "mws-"+os.Getenv("CLUSTER"), "link", "set", "node"+number, state)
	out, err := set.CombinedOutput()
	require.NoError(t, err, string(out))
}

// readiness returns an error unless a node's condition Ready has this status.
func (w *wiki) readiness(t *testing.T, node string, want corev1.ConditionStatus) error {
	t.Helper()
	object, err := w.Kube.CoreV1().Nodes().Get(t.Context(), node, metav1.GetOptions{})
	if err != nil {
		return err
	}
	for _, condition := range object.Status.Conditions {
		if condition.Type == corev1.NodeReady && condition.Status != want {
			return errors.New(node + ": " + string(condition.Status) + ": " + condition.Message)
		}
	}
	return nil
}
