package nodes

import (
	"os"
	"os/exec"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func (w *wiki) nodeIsDrained(t *testing.T) {
	victim := w.victim(t)
	w.drain(t, victim)
	kubectl(t, "uncordon", victim)
}

func (w *wiki) nodeIsRemoved(t *testing.T) {
	victim := w.victim(t)
	w.drain(t, victim)
	kubectl(t, "delete", "node", victim)
	w.AwaitReady(t, cachePods, nodes)
	assert.Empty(t, w.Preview(t, "--expect-no-changes").Changes)
}

// drain drains a node as its administrator does, while people read and edit.
func (w *wiki) drain(t *testing.T, node string) {
	t.Helper()
	l := w.startLoad(t, w.databaseNode(t))
	begun := time.Now()
	wait(t, usual)
	drained := time.Now()
	kubectl(t, "drain", node, "--ignore-daemonsets", "--delete-emptydir-data", "--timeout=5m")
	t.Logf("drained in %s", time.Since(drained).Round(time.Second))
	for selector, count := range map[string]int{webPods: w.replicas(t), cachePods: nodes} {
		for _, pod := range w.AwaitReady(t, selector, count) {
			assert.NotEqual(t, node, pod.Spec.NodeName, pod.Name)
		}
	}
	wait(t, usual)
	requests := l.end()
	for kind := range rates {
		before, after := between(requests, kind, begun, drained), between(requests, kind, drained, time.Now())
		assertQuick(t, string(kind)+" while a node is drained", after, before)
	}
}

// kubectl runs kubectl on the cluster.
func kubectl(t *testing.T, args ...string) {
	t.Helper()
	command := exec.CommandContext(t.Context(), "cluster", append([]string{"--name", os.Getenv("CLUSTER"), "kubectl"}, args...)...)
	out, err := command.CombinedOutput()
	require.NoError(t, err, string(out))
}
