package wiki

import (
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/mediawiki-stack/mediawiki-stack/internal/mediawiki"
	"github.com/mediawiki-stack/mediawiki-stack/tests/internal/await"
	"github.com/mediawiki-stack/mediawiki-stack/tests/internal/node"
	"github.com/mediawiki-stack/mediawiki-stack/tests/internal/process"
)

func (w *wiki) podsAreDeletedUnderLoad(t *testing.T) {
	l := w.startLoad(t, "pods")
	for name := range w.AwaitReady(t, webPods, replicas) {
		w.DeletePod(t, name)
		await.Success(t, name+" is replaced", func() error {
			if _, ready := w.ReadyPods(t, webPods)[name]; ready {
				return fmt.Errorf("%s is still ready", name)
			}
			return nil
		})
		w.AwaitReady(t, webPods, replicas)
	}
	l.endWithoutFailure(t)
}

func (w *wiki) settingsAreRolledUnderLoad(t *testing.T) {
	const name = "Soup: the kitchen"
	require.NoError(t, w.admin.Edit(t.Context(), "Wiki:About", "We cook soup."))
	require.NoError(t, w.admin.Edit(t.Context(), "Signpost", "See [[Wiki:About]]."))
	old, oldCaches := w.ReadyPods(t, webPods), w.AwaitReady(t, cachePods, caches)
	l := w.startLoad(t, "settings")
	w.Set(t, "siteName", name)
	const length = 20_000 // more than the defaults of Apache and Varnish
	w.Set(t, "extraSettings", fmt.Sprintf(`header( "X-Long: " . str_repeat( "x", %d ) );`, length))
	w.setPictures(t) // for picturesAreServed
	w.Up(t)
	oldIDs := append(uids(old), uids(oldCaches)...)
	for _, pod := range append(w.Pods(t, webPods), w.Pods(t, cachePods)...) {
		if pod.DeletionTimestamp == nil {
			assert.NotContains(t, oldIDs, pod.UID, "%s still serves readers when up has ended", pod.Name)
		}
	}
	w.AwaitReplaced(t, webPods, old, replicas)
	w.AwaitReady(t, webPods, replicas) // no old Pod answers any more
	l.record("read Special:Version with long headers", func() error {
		response, err := w.anonymous().Request(t.Context(), http.MethodGet, "/wiki/Special:Version",
			http.Header{"Cookie": {"long=" + strings.Repeat("x", length)}})
		if err == nil && (response.Status != http.StatusOK || len(response.Header.Get("X-Long")) != length) {
			err = fmt.Errorf("status %d, header of %d bytes", response.Status, len(response.Header.Get("X-Long")))
		}
		return err
	})
	l.endWithoutFailure(t)
	site, err := w.anonymous().Site(t.Context())
	require.NoError(t, err)
	assert.Equal(t, name, site.Name)
	w.oldTitlesStillWork(t)
}

func (w *wiki) kubeletIsKilledUnderLoad(t *testing.T) {
	const serving = "app in (mediawiki-app, mediawiki-db)" // not the job runner's Pod, which may be in the middle of a replacement
	before := w.Restarts(t, serving)
	l := w.startLoad(t, "kubelet")
	killed := time.Now().Truncate(time.Second) // Kubernetes stores times in whole seconds
	node.Kill(t, "kubelet@1")
	node.Up(t)
	await.Success(t, "the new kubelet has reported", func() error {
		nodes, err := w.Kube.CoreV1().Nodes().List(t.Context(), metav1.ListOptions{})
		if err != nil {
			return err
		}
		for _, condition := range nodes.Items[0].Status.Conditions {
			if condition.Type == corev1.NodeReady && condition.Status == corev1.ConditionTrue && condition.LastHeartbeatTime.After(killed) {
				return nil
			}
		}
		return errors.New("no heartbeat yet")
	})
	w.AwaitReady(t, webPods, replicas)
	l.awaitServed(t, time.Now())
	failed := l.end(t)
	assert.Equal(t, before, w.Restarts(t, serving), "restarts")
	if len(failed) == 0 {
		return
	}
	// A kubelet marks all Pods of its node unready when it starts, until it has probed them. This cluster has only one node.
	slices.SortFunc(failed, func(a, b answer) int { return a.at.Compare(b.at) })
	duration := failed[len(failed)-1].at.Sub(failed[0].at)
	t.Logf("requests failed for %s", duration)
	assert.Less(t, duration, 6*time.Second, "time without a ready Pod")
}

func (w *wiki) databaseIsKilledUnderLoad(t *testing.T) {
	web, before := w.Restarts(t, webPods), w.Restarts(t, databasePods)
	l := w.startLoad(t, "database")
	pods := w.Pods(t, databasePods)
	require.Len(t, pods, 1)
	servers := slices.DeleteFunc(process.OfPod(pods[0].UID), func(p process.Process) bool { return p.Program != "mariadbd" })
	require.Len(t, servers, 1, "mariadbd processes")
	killed := time.Now()
	require.NoError(t, process.Kill(servers))

	served := l.awaitServed(t, killed)
	w.AwaitReady(t, databasePods, 1)
	for _, a := range l.end(t) {
		if end := a.at.Add(a.took); end.After(served) {
			served = end
		}
	}
	t.Logf("readers and writers are served again after %s", served.Sub(killed).Round(time.Millisecond))
	assert.Less(t, served.Sub(killed), time.Minute)
	for name, count := range w.Restarts(t, databasePods) {
		assert.Equal(t, before[name]+1, count, "restarts of %s", name)
	}
	assert.Equal(t, web, w.Restarts(t, webPods), "restarts of web containers")
}

// databaseIsAway stops MariaDB until no web Pod is ready, and starts it again.
func (w *wiki) databaseIsAway(t *testing.T) {
	for range 2 * caches { // so that every cache has the page
		_, err := w.anonymous().Page(t.Context(), "Main Page")
		require.NoError(t, err)
	}
	before := w.Restarts(t, webPods)
	w.scale(t, "statefulsets", "mediawiki-db", 0)
	await.Success(t, "no web Pod is ready", func() error {
		if ready := w.ReadyPods(t, webPods); len(ready) > 0 {
			return fmt.Errorf("%d Pods are ready", len(ready))
		}
		return nil
	})
	_, err := w.admin.Page(t.Context(), "Main Page")
	require.Error(t, err, "a user's page without MariaDB")
	_, err = w.anonymous().Page(t.Context(), "Main Page")
	require.NoError(t, err, "a cached page needs no MariaDB")
	for _, pod := range w.Pods(t, webPods) {
		// The liveness probe must not depend on MariaDB.
		liveness := pod.Spec.Containers[0].LivenessProbe
		require.NotNil(t, liveness.TCPSocket, "liveness probe of %s", pod.Name)
		connection, err := w.Forward(t, pod.Name, liveness.TCPSocket.Port.IntValue())(t.Context(), "tcp", "")
		require.NoError(t, err)
		require.NoError(t, connection.Close())
	}
	w.scale(t, "statefulsets", "mediawiki-db", 1)
	w.AwaitReady(t, databasePods, 1)
	w.AwaitReady(t, webPods, replicas)
	assert.Equal(t, before, w.Restarts(t, webPods), "restarts of web containers")
	w.awaitAnswer(t) // kube-proxy routes to ready Pods a moment later
	w.works(t)
}

func (w *wiki) clusterIsRestartedUnderLoad(t *testing.T) {
	l := w.startLoad(t, "cluster")
	node.Down(t)
	node.Up(t)
	w.AwaitReady(t, databasePods, 1)
	w.AwaitReady(t, webPods, replicas)
	l.awaitServed(t, time.Now())
	failed := l.end(t)
	require.NotEmpty(t, failed, "failed requests while the cluster was stopped")
	w.works(t)
}

// anonymousReadersCannotEdit checks the default of `access`.
func (w *wiki) anonymousReadersCannotEdit(t *testing.T) {
	reader := w.anonymous()
	_, err := reader.Page(t.Context(), "Main Page")
	require.NoError(t, err)
	var refused *mediawiki.Error
	require.ErrorAs(t, reader.EditAnonymously(t.Context(), "Main Page", "Spoiled."), &refused)
	assert.Equal(t, "permissiondenied", refused.Code)
}
