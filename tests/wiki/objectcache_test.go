package wiki

import (
	"bufio"
	"errors"
	"fmt"
	"maps"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/mediawiki-stack/mediawiki-stack/tests/internal/await"
	"github.com/mediawiki-stack/mediawiki-stack/tests/internal/process"
)

// memcached sends a command to the object cache and returns the first line of the response.
func (w *wiki) memcached(t *testing.T, command string) string {
	t.Helper()
	pods := w.Pods(t, objectCachePods)
	require.Len(t, pods, 1)
	connection, err := w.Forward(t, pods[0].Name, 11211)(t.Context(), "tcp", "")
	require.NoError(t, err)
	defer func() { assert.NoError(t, connection.Close()) }()
	require.NoError(t, connection.SetDeadline(time.Now().Add(10*time.Second)))
	_, err = fmt.Fprintf(connection, "%s\r\n", command)
	require.NoError(t, err)
	line, err := bufio.NewReader(connection).ReadString('\n')
	require.NoError(t, err)
	return strings.TrimSpace(line)
}

// objectCacheIsLostUnderLoad kills memcached, and then deletes its Pod.
func (w *wiki) objectCacheIsLostUnderLoad(t *testing.T) {
	require.Equal(t, "STORED", w.memcached(t, "set mark 0 0 1\r\nx"))
	web, before := w.Restarts(t, webPods), w.Restarts(t, objectCachePods)
	l := w.startLoad(t, "objectcache")
	pods := w.Pods(t, objectCachePods)
	require.NoError(t, process.Kill(process.OfPod(pods[0].UID)))
	await.Success(t, "memcached is restarted", func() error {
		if after := w.Restarts(t, objectCachePods); maps.Equal(before, after) {
			return errors.New("no container has restarted")
		}
		return nil
	})
	old := w.AwaitReady(t, objectCachePods, 1)
	assert.Equal(t, "END", w.memcached(t, "get mark"), "memcached lost its memory")
	w.DeletePod(t, pods[0].Name)
	w.AwaitReplaced(t, objectCachePods, old, 1)
	l.awaitServed(t, time.Now())
	l.endWithoutFailure(t)
	w.worksWithoutEdit(t) // the session is still valid
	assert.Equal(t, web, w.Restarts(t, webPods), "restarts of web containers")
}
