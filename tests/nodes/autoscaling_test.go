package nodes

import (
	"context"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/mediawiki-stack/mediawiki-stack/tests/internal/await"
)

// The smallest and the largest number of web Pods in this test, and how long the cluster may take from one to the other. Kubernetes reduces
// the number only after five minutes in which fewer Pods would have been enough.
const (
	fewest, most = 2, 4
	more         = 3 * time.Minute
	fewer        = 8 * time.Minute
)

func (w *wiki) webPodsFollowTheLoad(t *testing.T) {
	w.SetValue(t, "replicas", fewest)
	w.Up(t)
	w.AwaitReady(t, webPods, fewest)
	w.SetValue(t, "autoscaling", map[string]any{"max": most, "cpu": 200})
	w.Up(t)
	assert.Equal(t, fewest, w.replicas(t), "an update that begins to autoscale")

	var sent, failed atomic.Int64
	node := w.databaseNode(t)
	read := func(ctx context.Context) {
		_, err := w.reader(node).Page(ctx, "Special:BlankPage")
		if sent.Add(1); err != nil {
			failed.Add(1)
			t.Logf("request %d: %v", sent.Load(), err)
		}
	}
	few := repeat(t, 1, time.Second, read)
	many := repeat(t, 8, 0, read)
	begun := time.Now()
	await.Within(t, more, "there are more web Pods", w.hasReadyWebPods(t, most))
	t.Logf("%d web Pods after %s", most, time.Since(begun).Round(time.Second))

	assert.Empty(t, w.Preview(t, "--expect-no-changes").Changes)
	w.SetValue(t, "web.apcu", 24) // replaces web Pods, but no cache Pod: each is the only one behind its node's port
	w.Up(t)
	assert.Equal(t, most, w.replicas(t), "an update while there are more")

	many()
	begun = time.Now()
	await.Within(t, fewer, "there are fewer web Pods", w.hasReadyWebPods(t, fewest))
	t.Logf("%d web Pods %s after the load", fewest, time.Since(begun).Round(time.Second))
	few()
	assert.Zero(t, failed.Load(), "requests that failed")
	t.Logf("%d of %d requests failed", failed.Load(), sent.Load())
}

// repeat calls do again and again in a number of goroutines, with a pause between calls, until the returned function is called or the test
// ends. That function waits for the last calls.
func repeat(t *testing.T, goroutines int, pause time.Duration, do func(context.Context)) (end func()) {
	t.Helper()
	ctx, stop := context.WithCancel(t.Context())
	var ended sync.WaitGroup
	for range goroutines {
		ended.Go(func() {
			for ctx.Err() == nil {
				do(context.WithoutCancel(ctx))
				select {
				case <-ctx.Done():
				case <-time.After(pause):
				}
			}
		})
	}
	end = func() {
		stop()
		ended.Wait()
	}
	t.Cleanup(end)
	return end
}

// replicas returns how many web Pods there should be.
func (w *wiki) replicas(t *testing.T) int {
	t.Helper()
	deployment, err := w.Kube.AppsV1().Deployments(w.Name).Get(t.Context(), "mediawiki-app", metav1.GetOptions{})
	require.NoError(t, err)
	return int(*deployment.Spec.Replicas)
}

// hasReadyWebPods returns a check that there is this number of web Pods, all ready.
func (w *wiki) hasReadyWebPods(t *testing.T, want int) func() error {
	t.Helper()
	return func() error {
		if all, ready := len(w.Pods(t, webPods)), len(w.ReadyPods(t, webPods)); all != want || ready != want {
			return fmt.Errorf("%d web Pods, of which %d are ready, want %d", all, ready, want)
		}
		return nil
	}
}
