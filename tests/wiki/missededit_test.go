package wiki

import (
	"errors"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/mediawiki-stack/mediawiki-stack/tests/internal/await"
	"github.com/mediawiki-stack/mediawiki-stack/tests/internal/kube"
	"github.com/mediawiki-stack/mediawiki-stack/tests/internal/process"
)

// cacheThatMissedAnEditIsEmptied suspends the processes of a cache, which then accepts connections and does not answer. When they continue,
// the cache still has the page from before the edit.
func (w *wiki) cacheThatMissedAnEditIsEmptied(t *testing.T) {
	const title = "Missed"
	pods := w.AwaitReady(t, cachePods, caches)
	pod := kube.Names(pods)[0]
	writer := w.admin.WithDial(w.Forward(t, kube.Names(w.AwaitReady(t, webPods, replicas))[0], webPort))
	reader := w.anonymous().WithDial(w.Forward(t, pod, webPort))
	edit := func(text string) time.Duration {
		begun := time.Now()
		require.NoError(t, writer.Edit(t.Context(), title, text))
		return time.Since(begun)
	}
	read := func(text string) error {
		page, _, err := readPage(t.Context(), reader, "/wiki/"+title)
		if err == nil && !strings.Contains(page, text) {
			err = errors.New("the page lacks: " + text)
		}
		return err
	}
	edit("The first version.")
	require.NoError(t, read("The first version."))

	processes := process.OfPod(pods[pod].UID)
	require.NoError(t, process.Signal(processes, syscall.SIGSTOP))
	defer func() { assert.NoError(t, process.Signal(processes, syscall.SIGCONT)) }()
	first, second := edit("The second version."), edit("The third version.")
	t.Logf("the first edit took %s, the next one %s", first.Round(time.Millisecond), second.Round(time.Millisecond))
	assert.Less(t, second, 3*time.Second, "an edit after one that waited for the cache")
	require.NoError(t, process.Signal(processes, syscall.SIGCONT))

	await.Success(t, "the cache is emptied", func() error { return read("The third version.") })
	w.awaitNoOutdatedCache(t)
	edit("The fourth version.")
	assert.NoError(t, read("The fourth version."))
}

// objectCacheThatMissedAChangeIsEmptied suspends memcached while a page changes.
func (w *wiki) objectCacheThatMissedAChangeIsEmptied(t *testing.T) {
	require.Equal(t, "STORED", w.memcached(t, "set mark 0 0 1\r\nx"))
	pods := w.AwaitReady(t, objectCachePods, 1)
	processes := process.OfPod(pods[kube.Names(pods)[0]].UID)
	require.NoError(t, process.Signal(processes, syscall.SIGSTOP))
	defer func() { assert.NoError(t, process.Signal(processes, syscall.SIGCONT)) }()
	require.NoError(t, w.admin.Edit(t.Context(), "Missed", "A version that memcached does not know."))
	require.NoError(t, process.Signal(processes, syscall.SIGCONT))
	await.Success(t, "memcached is emptied", func() error {
		if answer := w.memcached(t, "get mark"); answer != "END" {
			return errors.New(answer)
		}
		return nil
	})
	w.awaitNoOutdatedCache(t)
}

// awaitNoOutdatedCache waits until no cache is noted as outdated, so that every cache is told of changes again.
func (w *wiki) awaitNoOutdatedCache(t *testing.T) {
	t.Helper()
	await.Success(t, "every cache is told of changes", func() error {
		if left := w.asRoot(t, "SELECT name FROM my_wiki.mediawiki_stack WHERE name LIKE 'cache:%'"); left != "" {
			return errors.New("noted: " + left)
		}
		return nil
	})
}
