package wiki

import (
	"bufio"
	"context"
	"errors"
	"net"
	"net/http"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/mediawiki-stack/mediawiki-stack/internal/mediawiki"
	"github.com/mediawiki-stack/mediawiki-stack/tests/internal/await"
	"github.com/mediawiki-stack/mediawiki-stack/tests/internal/kube"
	"github.com/mediawiki-stack/mediawiki-stack/tests/internal/node"
)

// forged is a header with which a reader claims another address.
var forged = http.Header{"X-Forwarded-For": {"203.0.113.9"}}

// readersAreDistinguished checks which address the wiki attributes to an anonymous reader, and that a block applies to that address only.
func (w *wiki) readersAreDistinguished(t *testing.T) {
	name := func(client *mediawiki.Client, header http.Header) string {
		response, err := client.Request(t.Context(), http.MethodGet, "/api.php?action=query&meta=userinfo&format=json", header.Clone())
		require.NoError(t, err)
		found := regexp.MustCompile(`"name":"([^"]*)"`).FindStringSubmatch(string(response.Body))
		require.Len(t, found, 2, "%s", response.Body)
		return found[1]
	}
	const one, another = "127.0.0.5", "127.0.0.6"
	assert.Equal(t, one, name(w.anonymous().WithLocalAddress(one), http.Header{}))
	assert.Equal(t, another, name(w.anonymous().WithLocalAddress(another), http.Header{}), "another reader behind the same proxy")
	assert.Equal(t, one, name(w.anonymous().WithLocalAddress(one), forged), "a reader who forges the header")

	own, second := node.SecondAddress(t, w.nodeAddress(t))
	assert.Equal(t, own, name(w.viaNodePort(t), http.Header{}), "at the node port, which preserves addresses")
	assert.Equal(t, second, name(w.viaNodePortFrom(t, second), forged), "a header from the address of no proxy")
	assert.Equal(t, forged.Get("X-Forwarded-For"), name(w.viaNodePort(t), forged), "a header from the trusted proxy's address")
	for pod := range w.AwaitReady(t, cachePods, caches) {
		assert.Equal(t, "127.0.0.1", name(w.anonymous().WithDial(w.Forward(t, pod, webPort)), forged), "a header from an untrusted address")
	}

	for _, address := range []string{another, second} {
		require.NoError(t, w.admin.Block(t.Context(), address))
	}
	for reader, want := range map[*mediawiki.Client]bool{
		w.anonymous().WithLocalAddress(one): false, w.anonymous().WithLocalAddress(another): true,
		w.viaNodePort(t): false, w.viaNodePortFrom(t, second): true,
	} {
		for _, header := range []http.Header{{}, forged} {
			response, err := reader.Request(t.Context(), http.MethodGet,
				"/api.php?action=query&meta=userinfo&uiprop=blockinfo&format=json", header.Clone())
			require.NoError(t, err)
			assert.Equal(t, want, strings.Contains(string(response.Body), `"blockid"`), "%s", response.Body)
		}
	}
}

// proxyIsTrusted checks the addresses in the web Pod's access log, and that Apache keeps no proxy's connection alive.
func (w *wiki) proxyIsTrusted(t *testing.T) {
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "http://"+w.nodeAddress(t)+"/robots.txt", nil)
	require.NoError(t, err)
	response, err := new(http.Transport).RoundTrip(request)
	require.NoError(t, err)
	require.NoError(t, response.Body.Close())
	assert.True(t, response.Close, "the server closes the connection")
	pod := kube.Names(w.AwaitReady(t, webPods, 1))[0]
	for path, c := range map[string]struct {
		reader *mediawiki.Client
		logged string
	}{
		"/?by=proxy":  {w.anonymous(), forged.Get("X-Forwarded-For")},
		"/?by=nobody": {w.anonymous().WithDial(w.Forward(t, pod, webPort)), "127.0.0.1"},
	} {
		_, err := c.reader.Request(t.Context(), http.MethodGet, path, forged.Clone())
		require.NoError(t, err)
		line := regexp.MustCompile(`(?m)^(\S+) .*"GET ` + regexp.QuoteMeta(path) + ` `)
		await.Success(t, "the request is logged", func() error {
			found := line.FindStringSubmatch(w.Logs(t, webPods)[pod+" "+webContainer])
			if found == nil {
				return errors.New("it is not in the log")
			}
			assert.Equal(t, c.logged, found[1], path)
			return nil
		})
	}
}

// readersAreLedToTheAddress asks for a page at another host, and as a reader who uses http.
func (w *wiki) readersAreLedToTheAddress(t *testing.T) {
	const page = "/wiki/Main_Page%3F?action=a%20b"
	for name, c := range map[string]struct {
		reader *mediawiki.Client
		header http.Header
	}{
		"an alias": {w.viaNodePort(t).At("http://" + strings.ToUpper(alias) + ":8080"), http.Header{}},
		"http":     {w.viaNodePort(t), http.Header{"X-Forwarded-Proto": {"http"}}},
	} {
		response, err := c.reader.Request(t.Context(), http.MethodGet, page, c.header)
		require.NoError(t, err)
		assert.Equal(t, http.StatusMovedPermanently, response.Status, name)
		assert.Equal(t, w.outputs.URL+page, response.Header.Get("Location"), name)
		if name == "http" {
			assert.Empty(t, response.Header.Get("Strict-Transport-Security"), "RFC 6797, section 7.2")
		}
	}
	response, err := w.viaNodePort(t).Get(t.Context(), "/wiki/Main_Page")
	require.NoError(t, err)
	assert.Equal(t, http.StatusOK, response.Status, "a proxy that does not say which of the two a reader uses")
	assert.Equal(t, "max-age=60", response.Header.Get("Strict-Transport-Security"))
}

func (w *wiki) cookiesAreSecure(t *testing.T) {
	for _, header := range []http.Header{{}, {"X-Forwarded-Proto": {"https"}}} {
		response, err := w.viaNodePort(t).Request(t.Context(), http.MethodGet, "/index.php?title=Special:UserLogin", header)
		require.NoError(t, err)
		cookies := response.Header.Values("Set-Cookie")
		require.NotEmpty(t, cookies)
		for _, cookie := range cookies {
			assert.Contains(t, strings.ToLower(cookie), "; secure")
		}
	}
}

func (w *wiki) unknownPathsAreNotFound(t *testing.T) {
	for _, path := range []string{"/nothing", "/wikis", "/favicon.ico", "/.env", "/images/nothing.png", "/a/b?c=d", "/x.php7"} {
		response, err := w.anonymous().Get(t.Context(), path)
		require.NoError(t, err)
		assert.Equal(t, http.StatusNotFound, response.Status, path)
	}
	response, err := w.anonymous().Get(t.Context(), "/robots.txt")
	require.NoError(t, err)
	assert.Equal(t, http.StatusOK, response.Status)
	assert.Contains(t, string(response.Body), "Disallow: /index.php")
	for _, path := range []string{"/", "/wiki", "/wiki/"} {
		response, err := w.anonymous().Get(t.Context(), path)
		require.NoError(t, err)
		assert.Equal(t, http.StatusMovedPermanently, response.Status, path)
		assert.Equal(t, w.outputs.URL+"/wiki/Main_Page", response.Header.Get("Location"), path)
	}
}

// filesAreCachedBriefly uploads a file, replaces it with a new version, and deletes it.
func (w *wiki) filesAreCachedBriefly(t *testing.T) {
	const name = "Ladle.png"
	first, second := picture(t), append(picture(t), 0)
	require.NoError(t, w.admin.Upload(t.Context(), name, first))
	original, thumbnail, err := w.admin.File(t.Context(), name, 200)
	require.NoError(t, err)
	for _, address := range []string{original, thumbnail} {
		for range 2 * caches {
			response, err := w.anonymous().Get(t.Context(), address)
			require.NoError(t, err)
			assert.Equal(t, http.StatusOK, response.Status, "%s: %.300s", address, response.Body)
			assert.Equal(t, "max-age=600", response.Header.Get("Cache-Control"), address)
		}
	}
	require.NoError(t, w.admin.Upload(t.Context(), name, second))
	for range 2 * caches {
		file, err := download(t.Context(), w.anonymous(), original)
		require.NoError(t, err)
		assert.Equal(t, second, file, "the new version")
	}
	require.NoError(t, w.admin.Delete(t.Context(), "File:"+name))
	for range 2 * caches {
		response, err := w.anonymous().Get(t.Context(), original)
		require.NoError(t, err)
		assert.Equal(t, http.StatusNotFound, response.Status, "a deleted file")
	}
}

// slowUploadsArrive uploads a file over a connection that pauses for some seconds in the middle.
func (w *wiki) slowUploadsArrive(t *testing.T) {
	const pause = 12 * time.Second // docs/operating.md promises 15
	content := append(picture(t), make([]byte, 256<<10)...)
	dial := func(ctx context.Context, network, address string) (net.Conn, error) {
		connection, err := new(net.Dialer).DialContext(ctx, network, address)
		return &pausingConnection{Conn: connection, after: len(content) / 2, pause: pause}, err
	}
	begun := time.Now()
	require.NoError(t, w.admin.Through(dial).WithTimeout(time.Minute).Upload(t.Context(), "Slow.png", content))
	assert.Greater(t, time.Since(begun), pause)
}

// pausingConnection sends nothing for some time after a number of bytes.
type pausingConnection struct {
	net.Conn
	after int
	pause time.Duration
}

func (c *pausingConnection) Write(content []byte) (int, error) {
	if c.after > 0 && c.after <= len(content) {
		time.Sleep(c.pause)
	}
	c.after -= len(content)
	return c.Conn.Write(content)
}

// slowReadersBlockNobody opens more downloads of a large file than there are workers, and stops reading each after the first line.
func (w *wiki) slowReadersBlockNobody(t *testing.T) {
	const readers, workers, large = 30, 8, "/var/www/html/images/large.png"
	require.Greater(t, readers, replicas*workers)
	pod := kube.Names(w.AwaitReady(t, webPods, replicas))[0]
	_, err := w.Exec(t.Context(), pod, webContainer, "", "sh", "-c", "head -c 45000000 /dev/zero >"+large)
	require.NoError(t, err)
	for range readers {
		connection, err := new(net.Dialer).DialContext(t.Context(), "tcp", w.nodeAddress(t))
		require.NoError(t, err)
		defer connection.Close() //nolint:errcheck // most of the response is never read
		require.NoError(t, connection.SetDeadline(time.Now().Add(time.Minute)))
		_, err = connection.Write([]byte("GET /images/large.png HTTP/1.1\r\nHost: wiki\r\n\r\n"))
		require.NoError(t, err)
		status, err := bufio.NewReaderSize(connection, 16).ReadString('\n')
		require.NoError(t, err)
		require.Contains(t, status, "200")
	}
	var slowest time.Duration
	for range 4 * caches {
		for _, path := range []string{"/wiki/Special:Statistics", "/wiki/Main_Page", "/resources/assets/poweredby_mediawiki.svg"} {
			begun := time.Now()
			response, err := w.anonymous().Get(t.Context(), path)
			require.NoError(t, err)
			assert.Equal(t, http.StatusOK, response.Status, "%s: %.300s", path, response.Body)
			slowest = max(slowest, time.Since(begun))
		}
	}
	t.Logf("beside %d stalled downloads, the slowest other request took %s", readers, slowest.Round(time.Millisecond))
	_, err = w.Exec(t.Context(), pod, webContainer, "", "rm", large)
	require.NoError(t, err)
}

// smokeTestPasses runs `wiki smoke`, and checks that it has deleted what it created.
func (w *wiki) smokeTestPasses(t *testing.T) {
	operator, show := w.operator(t)
	require.NoError(t, operator.Smoke(t.Context(), "", "", show))
	changed, err := w.admin.RecentChanges(t.Context())
	require.NoError(t, err)
	texts, err := w.admin.Texts(t.Context(), changed...)
	require.NoError(t, err)
	for title := range texts {
		assert.NotContains(t, title, "Smoke test")
	}
}
