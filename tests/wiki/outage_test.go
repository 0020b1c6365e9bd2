package wiki

import (
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"

	"github.com/mediawiki-stack/mediawiki-stack/tests/internal/await"
	"github.com/mediawiki-stack/mediawiki-stack/tests/internal/engine"
	"github.com/mediawiki-stack/mediawiki-stack/tests/internal/kube"
	"github.com/mediawiki-stack/mediawiki-stack/tests/internal/node"
	"github.com/mediawiki-stack/mediawiki-stack/tests/internal/process"
)

// TestFaults exposes one wiki to faults of its cluster. docs/reliability.md has the measured numbers.
func TestFaults(t *testing.T) {
	w := newWiki(t, "faults", engine.Options{})
	defer w.Explain(t)
	w.up(t)
	w.writeSharedContent(t)
	for _, claim := range w.claims(t) {
		folder := w.volumeFolder(t, claim)
		t.Cleanup(func() { unmountSmallDisk(t, folder) })
	}
	thorough(t, "a web container that is killed fails requests for seconds at most", w.webContainerIsKilledUnderLoad)
	thorough(t, "no request fails without DNS, and a new web Pod starts", w.dnsIsLostUnderLoad)
	chapter(t, t.Run("no edit is lost when the node loses its power", w.powerIsCutUnderLoad))
	t.Run("MariaDB refuses edits on a full disk and loses none", w.databaseDiskIsFull)
	thorough(t, "uploads are refused on a full disk, and edits are accepted", w.uploadsDiskIsFull)
	thorough(t, "a backup fails on a full disk, and older backups are unchanged", w.backupsDiskIsFull)
	thorough(t, "an up goes on after the API server was killed", w.apiServerIsKilledDuringUp)
	thorough(t, "a second up at the same time is refused", w.secondUpIsRefused)
}

func (w *wiki) webContainerIsKilledUnderLoad(t *testing.T) {
	l := w.startLoad(t, "container")
	before := w.Restarts(t, webPods)
	pods := w.AwaitReady(t, webPods, replicas)
	victim := kube.Names(pods)[0]
	require.NoError(t, process.Kill(process.OfPod(pods[victim].UID)))
	killed := time.Now()
	await.Success(t, victim+" is restarted", func() error {
		for name, count := range w.Restarts(t, webPods) {
			if count > before[name] {
				return nil
			}
		}
		return errors.New("no container has restarted")
	})
	w.AwaitReady(t, webPods, replicas)
	t.Logf("the Pod is ready again after %s", time.Since(killed).Round(time.Millisecond))
	assert.Less(t, outageDuration(t, l.end(t)), 15*time.Second)
}

// outageDuration returns the time from the first failed request to the end of the last one, and logs both errors.
func outageDuration(t *testing.T, failed []answer) time.Duration {
	t.Helper()
	if len(failed) == 0 {
		return 0
	}
	slices.SortFunc(failed, func(a, b answer) int { return a.at.Compare(b.at) })
	first, last := failed[0], failed[len(failed)-1]
	duration := last.at.Add(last.took).Sub(first.at)
	t.Logf("requests failed for %s; first error: %v; last error: %v", duration.Round(time.Millisecond), first.failed, last.failed)
	return duration
}

// dnsIsLostUnderLoad stops the cluster's DNS and starts a web Pod without it.
func (w *wiki) dnsIsLostUnderLoad(t *testing.T) {
	before := w.Restarts(t, "")
	l := w.startLoad(t, "names")
	scaleDNS(t, w, 0)
	defer scaleDNS(t, w, 1)
	await.Success(t, "DNS is down", func() error {
		pods, err := w.Kube.CoreV1().Pods(metav1.NamespaceSystem).List(t.Context(), metav1.ListOptions{LabelSelector: "k8s-app=kube-dns"})
		if err == nil && len(pods.Items) > 0 {
			err = fmt.Errorf("%d Pods are left", len(pods.Items))
		}
		return err
	})
	stopped := time.Now()
	w.DeletePod(t, kube.Names(w.AwaitReady(t, webPods, replicas))[0])
	w.AwaitReady(t, webPods, replicas)
	t.Logf("readers and writers are served %s after DNS stopped", l.awaitServed(t, time.Now()).Sub(stopped).Round(time.Millisecond))
	l.endWithoutFailure(t)
	for container, count := range w.Restarts(t, "") {
		assert.LessOrEqual(t, count, before[container], "restarts of %s", container)
	}
}

func scaleDNS(t *testing.T, w *wiki, pods int32) {
	t.Helper()
	patch := fmt.Appendf(nil, `{"spec":{"replicas":%d}}`, pods)
	deployments := w.Kube.AppsV1().Deployments(metav1.NamespaceSystem)
	_, err := deployments.Patch(t.Context(), "coredns", types.MergePatchType, patch, metav1.PatchOptions{}, "scale")
	require.NoError(t, err)
	await.Success(t, "DNS is scaled", func() error {
		coredns, err := deployments.Get(t.Context(), "coredns", metav1.GetOptions{})
		if err == nil && coredns.Status.AvailableReplicas != pods {
			err = fmt.Errorf("%d of %d Pods are available", coredns.Status.AvailableReplicas, pods)
		}
		return err
	})
}

// powerIsCutUnderLoad kills every program of the node and every process in its containers at once, and boots the node. While it is off,
// the wiki's volumes move to small file systems for the subtests about full disks.
func (w *wiki) powerIsCutUnderLoad(t *testing.T) {
	l := w.startLoad(t, "power")
	pods, err := w.Kube.CoreV1().Pods(metav1.NamespaceAll).List(t.Context(), metav1.ListOptions{})
	require.NoError(t, err)
	claims := w.claims(t)
	folders := make([]string, 0, len(claims))
	for _, claim := range claims {
		folders = append(folders, w.volumeFolder(t, claim))
	}
	node.KillAll(t)
	for _, pod := range pods.Items {
		require.NoError(t, process.Kill(process.OfPod(pod.UID)))
	}
	cut := time.Now()
	node.Down(t) // removes what does not survive a reboot
	for _, folder := range folders {
		moveToSmallDisk(t, folder)
	}
	booted := time.Now()
	node.Up(t)
	served := l.awaitServed(t, cut)
	w.AwaitReady(t, databasePods, 1)
	w.AwaitReady(t, webPods, replicas)
	t.Logf("readers and writers are served %s after the boot began", served.Sub(booted).Round(time.Millisecond))
	require.NotEmpty(t, l.end(t), "failed requests while the node was off")
	w.works(t)
}

// apiServerIsKilledDuringUp kills the API server while new web Pods start.
func (w *wiki) apiServerIsKilledDuringUp(t *testing.T) {
	old := w.ReadyPods(t, webPods)
	w.Set(t, "siteName", "Soup kitchen")
	l := w.startLoad(t, "server")
	up := w.Start("up")
	await.Success(t, "a new web Pod starts", func() error {
		for _, pod := range w.Pods(t, webPods) {
			if _, found := old[pod.Name]; !found {
				return nil
			}
		}
		return errors.New("all Pods are old")
	})
	node.Kill(t, "kube-apiserver")
	node.Up(t)
	p, err := up.Wait(t)
	t.Logf("up ended with: %v\n%s", err, p.Printed)
	w.Up(t)
	w.AwaitReplaced(t, webPods, old, replicas)
	w.AwaitReady(t, webPods, replicas)
	outageDuration(t, l.end(t))
	w.isConsistent(t)
}

// secondUpIsRefused starts an up while another one runs on the same stack.
func (w *wiki) secondUpIsRefused(t *testing.T) {
	w.Set(t, "siteName", "Soup terrine")
	first := w.Start("up")
	await.Success(t, "up is running", func() error {
		if !w.Locked(t) {
			return errors.New("the stack is not locked")
		}
		return nil
	})
	printed, err := w.RunConcurrently(t, "up", "--yes")
	require.Error(t, err, printed)
	assert.Contains(t, printed, "the stack is currently locked")
	p, err := first.Wait(t)
	require.NoError(t, err, p.Printed)
	w.isConsistent(t)
}

// isConsistent checks that the wiki works and that cluster and stack agree.
func (w *wiki) isConsistent(t *testing.T) {
	t.Helper()
	w.works(t)
	assert.Empty(t, w.Preview(t, "--expect-no-changes").Changes)
	assert.Empty(t, w.orphans(t), "objects that belong to no stack")
	assert.Empty(t, w.state(t).Deployment.Pending, "pending operations")
}
