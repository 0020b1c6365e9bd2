package ingress

import (
	"crypto/x509"
	"errors"
	"fmt"
	"net/http"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/mediawiki-stack/mediawiki-stack/internal/mediawiki"
	"github.com/mediawiki-stack/mediawiki-stack/tests/internal/await"
	"github.com/mediawiki-stack/mediawiki-stack/tests/internal/engine"
	"github.com/mediawiki-stack/mediawiki-stack/tests/internal/kube"
	"github.com/mediawiki-stack/mediawiki-stack/tests/internal/pebble"
	"github.com/mediawiki-stack/mediawiki-stack/tests/internal/secret"
)

const (
	host  = "wiki.test"
	alias = "www.wiki.test"
	site  = "https://" + host
	// validity is the life of a certificate of Let's Encrypt.
	validity = 90 * 24 * time.Hour
)

// wiki is a stack behind the ingress controller.
type wiki struct {
	*engine.Stack
	*kube.Namespace
	door  *door
	site  string // the address that readers use
	roots *x509.CertPool
	admin *mediawiki.Client
}

// newWiki creates a stack with certificates of an ACME server, and does not deploy it.
func newWiki(t *testing.T, name string, d *door, settings map[string]any) *wiki {
	t.Helper()
	all := map[string]any{"siteUrl": site, "ingress.enabled": true, "tls.email": "admin@" + host}
	for key, value := range settings {
		all[key] = value
	}
	return newStack(t, name, d, all)
}

// newStack creates a stack and does not deploy it.
func newStack(t *testing.T, name string, d *door, settings map[string]any) *wiki {
	t.Helper()
	w := &wiki{Namespace: kube.Open(t, "mediawiki-"+name), door: d, site: site}
	w.Temporary(t)
	w.Stack = engine.NewStack(t, name, engine.Options{Settings: settings, Secrets: map[string]string{"masterSecret": secret.New()}})
	return w
}

// reader returns a client without a session that connects from a local address; empty for any.
func (w *wiki) reader(from string) *mediawiki.Client {
	return mediawiki.New(w.site).WithAuthorities(w.roots).Through(w.door.dial(from))
}

// TestWikiBehindTheIngress follows one wiki from its first `pulumi up` with an ACME server.
func TestWikiBehindTheIngress(t *testing.T) {
	d := openDoor(t)
	server := pebble.Start(t, validity)
	w := newWiki(t, "ingress", d, map[string]any{
		"tls.acmeServer": server.Directory, "tls.acmeCA": string(server.CA), "aliases": []string{alias}, "replicas": 2,
	})
	w.roots = server.Roots(t)
	defer explain(t, w.Name)
	if !t.Run("up ends when the address answers with a certificate", func(t *testing.T) {
		begun := time.Now()
		w.Up(t)
		t.Logf("up took %s", time.Since(begun).Round(time.Second))
		_, err := w.reader("").Page(t.Context(), "Main Page")
		require.NoError(t, err, "the first request after up")
		w.signIn(t)
	}) {
		t.FailNow()
	}
	t.Run("a second preview is empty", func(t *testing.T) {
		assert.Empty(t, w.Preview(t, "--expect-no-changes").Changes)
	})
	t.Run("readers get HTTP/2", w.speaksHTTP2)
	t.Run("http and other names lead to the address", w.redirects)
	t.Run("cookies are secure", w.cookiesAreSecure)
	t.Run("anonymous readers share cached pages, and see every edit", w.editsAreSeen)
	t.Run("each reader is identified by an address that cannot be forged", w.readersAreDistinguished)
	t.Run("a blocked address is one reader's", w.oneReaderIsBlocked)
	t.Run("only the controller reaches the caches", w.cachesAreClosed)
	t.Run("no request fails while the certificate is renewed", w.certificateIsRenewed)
	t.Run("none but requests in flight fail while the controller is restarted, node by node", w.controllerIsRestarted)
	t.Run("an upload may take 90 seconds", w.uploadsMayBeSlow)
}

func (w *wiki) signIn(t *testing.T) {
	t.Helper()
	var outputs struct {
		URL           string `json:"url"`
		AdminUser     string `json:"adminUser"`
		AdminPassword string `json:"adminPassword"`
	}
	w.Outputs(t, &outputs)
	assert.Equal(t, w.site, outputs.URL)
	w.admin = w.reader("").WithTimeout(5 * time.Minute)
	require.NoError(t, w.admin.LogIn(t.Context(), outputs.AdminUser, outputs.AdminPassword))
}

func (w *wiki) speaksHTTP2(t *testing.T) {
	a, err := get(t.Context(), w.door.client(w.roots, ""), site+"/wiki/Main_Page", nil)
	require.NoError(t, err)
	require.NoError(t, a.ok())
	assert.Equal(t, 2, a.ProtoMajor)
}

func (w *wiki) redirects(t *testing.T) {
	const path = "/index.php?title=Main_Page&action=history"
	for _, address := range []string{"http://" + host, "http://" + alias, "https://" + alias} {
		a, err := get(t.Context(), w.door.client(w.roots, ""), address+path, nil)
		require.NoError(t, err)
		assert.Equal(t, http.StatusMovedPermanently, a.StatusCode, address)
		assert.Equal(t, site+path, a.Header.Get("Location"), address)
	}
}

func (w *wiki) cookiesAreSecure(t *testing.T) {
	t.Helper()
	response, err := w.reader("").Get(t.Context(), "/index.php?title=Special:UserLogin")
	require.NoError(t, err)
	cookies := response.Header.Values("Set-Cookie")
	require.NotEmpty(t, cookies)
	for _, cookie := range cookies {
		assert.Contains(t, strings.ToLower(cookie), "; secure")
	}
}

func (w *wiki) editsAreSeen(t *testing.T) {
	const title = "Soup"
	for n := range 5 {
		text := fmt.Sprintf("Soup number %d, %s.", n, secret.New())
		require.NoError(t, w.admin.Edit(t.Context(), title, text))
		for range 4 {
			page, err := w.reader("").Page(t.Context(), title)
			require.NoError(t, err)
			require.Contains(t, page, text)
		}
		response, err := w.reader("").Get(t.Context(), "/wiki/"+title)
		require.NoError(t, err)
		assert.Equal(t, "hit", response.Header.Get("X-Cache"))
	}
}

// forged is a header with which a reader claims another address.
var forged = http.Header{"X-Forwarded-For": {"203.0.113.9"}}

func (w *wiki) readersAreDistinguished(t *testing.T) {
	own, second := w.door.secondAddress(t)
	w.distinguishes(t, own, second)
}

// distinguishes checks the address by which the wiki identifies each reader, and the addresses in the web Pods' access logs.
func (w *wiki) distinguishes(t *testing.T, readers ...string) {
	t.Helper()
	for _, from := range readers {
		for _, header := range []http.Header{{}, forged} {
			path := "/api.php?action=query&meta=userinfo&format=json&requestid=" + secret.New()
			response, err := w.reader(from).Request(t.Context(), http.MethodGet, path, header.Clone())
			require.NoError(t, err)
			assert.Contains(t, string(response.Body), `"name":"`+from+`"`, header)
			logged := regexp.MustCompile(`(?m)^(\S+) .*` + regexp.QuoteMeta(path) + ` `)
			await.Success(t, "the request is logged", func() error {
				for pod, log := range w.Logs(t, "app=mediawiki-app") {
					if found := logged.FindStringSubmatch(log); found != nil {
						assert.Equal(t, from, found[1], "log of %s", pod)
						return nil
					}
				}
				return errors.New("it is in no log")
			})
		}
	}
}

func (w *wiki) oneReaderIsBlocked(t *testing.T) {
	own, second := w.door.secondAddress(t)
	require.NoError(t, w.admin.Block(t.Context(), second))
	w.onlyOneIsBlocked(t, own, second)
}

// onlyOneIsBlocked checks that the second of two readers is blocked, and the first is not.
func (w *wiki) onlyOneIsBlocked(t *testing.T, own, second string) {
	t.Helper()
	blocked := func(from string) bool {
		response, err := w.reader(from).Get(t.Context(), "/api.php?action=query&meta=userinfo&uiprop=blockinfo&format=json")
		require.NoError(t, err)
		return strings.Contains(string(response.Body), `"blockid"`)
	}
	assert.True(t, blocked(second))
	assert.False(t, blocked(own))
}

// cachesAreClosed connects from a Pod of another namespace than the controller's, to the address and then to each cache.
func (w *wiki) cachesAreClosed(t *testing.T) {
	require.True(t, w.reachable(t, w.door.nodes[0], "80"), "the controller")
	for _, pod := range w.AwaitReady(t, "app=mediawiki-cache", 2) {
		assert.False(t, w.reachable(t, pod.Status.PodIP, "8080"), pod.Name)
	}
}

// reachable reports whether a Pod in namespace default can open a connection.
func (w *wiki) reachable(t *testing.T, address, port string) bool {
	t.Helper()
	const name = "stranger"
	defer kubectl(t, "", "-n=default", "delete", "pod", name, "--ignore-not-found")
	kubectl(t, "", "-n=default", "run", name, "--image=localhost/mariadb:11.8-debian13", "--restart=Never", "--command", "--",
		"timeout", "5", "bash", "-c", "exec 3<>/dev/tcp/"+address+"/"+port)
	var phase string
	await.Success(t, "the Pod has ended", func() error {
		phase = kubectl(t, "", "-n=default", "get", "pod", name, "-o=jsonpath={.status.phase}")
		if phase != "Succeeded" && phase != "Failed" {
			return errors.New(phase)
		}
		return nil
	})
	return phase == "Succeeded"
}
