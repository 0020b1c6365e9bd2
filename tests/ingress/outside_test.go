package ingress

import (
	"bytes"
	"fmt"
	"net/http"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"golang.org/x/sync/errgroup"

	"github.com/mediawiki-stack/mediawiki-stack/tests/internal/authority"
	"github.com/mediawiki-stack/mediawiki-stack/tests/internal/await"
	"github.com/mediawiki-stack/mediawiki-stack/tests/internal/engine"
	"github.com/mediawiki-stack/mediawiki-stack/tests/internal/machine"
)

// The names and the port in the configurations of docs/operating.md.
const (
	outsideHost = "wiki.example.org"
	outsidePort = "30080"
	nodeHost    = "node1.example.org"
)

// kitchen is a title with a slash, characters that addresses escape, and characters of several scripts.
const kitchen = `Küche/Was ist 100% "湯"?/Суп`

// proxy is a program on a machine outside of the cluster.
type proxy struct {
	number  int // of the machine
	program []string
}

var proxies = map[string]proxy{
	"nginx":   {240, []string{"nginx", "-g", "daemon off;"}},
	"Caddy":   {241, []string{"caddy", "run", "--config", "/etc/caddy/Caddyfile"}},
	"Traefik": {242, []string{"traefik"}},
}

// TestWikiWithoutAnIngress follows one wiki behind each proxy of docs/operating.md, then at the port of three nodes, then behind a load
// balancer. In each, one of two readers is blocked.
func TestWikiWithoutAnIngress(t *testing.T) {
	d := openDoor(t)
	issuer := authority.New(t)
	certificates, key := authority.Encode(t, issuer.Issue(t, outsideHost))
	files := documentedFiles(t)
	files["/etc/ssl/wiki/chain.pem"], files["/etc/ssl/wiki/key.pem"] = certificates, key
	files["/etc/hosts"] = []byte("127.0.0.1 localhost\n" + d.nodes[0] + " " + nodeHost + "\n")
	machines, trusted := map[string]*machine.Machine{}, make([]string, 0, len(proxies))
	for name, p := range proxies {
		machines[name] = machine.New(t, d.Config, p.number)
		trusted = append(trusted, machines[name].Address)
	}
	slices.Sort(trusted)
	w := newStack(t, "outside", d, map[string]any{
		"siteUrl": "https://" + outsideHost, "nodePort": 30080,
		"trustedProxies": trusted, "cache.replicas": len(d.nodes),
	})
	w.site, w.roots = "https://"+outsideHost, issuer.Pool()
	defer explain(t, w.Name)
	w.Up(t)
	behind := map[string]*wiki{}
	for name, p := range proxies {
		for path, content := range files {
			machines[name].Write(t, path, content)
		}
		machines[name].Start(t, p.program...)
		behind[name] = w.at(d.only(machines[name].Address))
	}
	own, second := d.secondAddress(t)
	for name, v := range behind {
		t.Run("behind "+name, func(t *testing.T) {
			v.servesThroughAProxy(t)
			v.distinguishes(t, own, second)
		})
	}
	t.Run("an upload may take 75 seconds", func(t *testing.T) { uploadSlowly(t, behind) })
	require.NoError(t, behind["nginx"].admin.Block(t.Context(), second))
	for name, v := range behind {
		t.Run("a blocked address is one reader's behind "+name, func(t *testing.T) { v.onlyOneIsBlocked(t, own, second) })
	}
	for _, node := range d.nodes {
		t.Run("at the port of node "+node, func(t *testing.T) {
			w.at(&door{Namespace: d.Namespace, nodes: []string{node}, port: outsidePort}).overHTTP().knowsItsReaders(t, own, second)
		})
	}
	t.Run("behind a load balancer", func(t *testing.T) { w.isBalanced(t, own, second) })
}

// at returns the same wiki behind another door.
func (w *wiki) at(d *door) *wiki {
	v := *w
	v.door = d
	return &v
}

// overHTTP returns the same wiki for readers who do not use TLS, because no proxy terminates it.
func (w *wiki) overHTTP() *wiki {
	v := *w
	v.site = "http://" + outsideHost
	return &v
}

func (w *wiki) knowsItsReaders(t *testing.T, own, second string) {
	t.Helper()
	w.distinguishes(t, own, second)
	w.onlyOneIsBlocked(t, own, second)
}

// documentedFiles returns the configurations in docs/operating.md by their path, which is in their first line.
func documentedFiles(t *testing.T) map[string][]byte {
	t.Helper()
	text, err := os.ReadFile(engine.Checkout + "/docs/operating.md")
	require.NoError(t, err)
	files := map[string][]byte{}
	for _, found := range regexp.MustCompile(`(?m)^    # (/etc/\S+)\n((?:    .*\n)+)`).FindAllStringSubmatch(string(text), -1) {
		lines := strings.SplitAfter(found[2], "\n")
		for i := range lines {
			lines[i] = strings.TrimPrefix(lines[i], "    ")
		}
		files[found[1]] = []byte(strings.Join(lines, ""))
	}
	require.Len(t, files, 4)
	return files
}

// servesThroughAProxy does what readers and an administrator do, with an upload larger than nginx accepts by default.
func (w *wiki) servesThroughAProxy(t *testing.T) {
	t.Helper()
	await.Success(t, "the proxy answers", func() error {
		_, err := w.reader("").Page(t.Context(), "Main Page")
		return err
	})
	w.cookiesAreSecure(t)
	w.signIn(t)
	require.NoError(t, w.admin.Upload(t.Context(), "Large "+w.door.nodes[0]+".png", pngOf(3<<20)))

	// Addresses with escaped characters, which some proxies reject or unescape.
	require.NoError(t, w.admin.Edit(t.Context(), kitchen, "Soup."))
	_, err := w.reader("").Page(t.Context(), kitchen)
	require.NoError(t, err)

	// A proxy that did not set the header would pass this one on, and the wiki would redirect to https.
	response, err := w.reader("").Request(t.Context(), http.MethodGet, "/wiki/Main_Page", http.Header{"X-Forwarded-Proto": {"http"}})
	require.NoError(t, err)
	assert.Equal(t, http.StatusOK, response.Status)
	a, err := get(t.Context(), w.door.client(w.roots, ""), "http://"+outsideHost+"/wiki/Main_Page", nil)
	require.NoError(t, err)
	assert.Contains(t, []int{http.StatusMovedPermanently, http.StatusPermanentRedirect}, a.StatusCode)
	assert.Equal(t, w.site+"/wiki/Main_Page", a.Header.Get("Location"))
}

// uploadSlowly uploads files through slow lines, one through each proxy at the same time.
func uploadSlowly(t *testing.T, behind map[string]*wiki) {
	t.Helper()
	const slow = 75 * time.Second
	content := pngOf(256 << 10)
	begun := time.Now()
	var uploads errgroup.Group
	for name, w := range behind {
		uploads.Go(func() error {
			line := slowly(w.door.dial(""), len(content), slow)
			if err := w.admin.Through(line).Upload(t.Context(), "Slow "+name+".png", content); err != nil {
				return fmt.Errorf("behind %s: %w", name, err)
			}
			return nil
		})
	}
	require.NoError(t, uploads.Wait())
	assert.Greater(t, time.Since(begun), slow*9/10)
}

// pngOf returns a PNG signature and the given number of zero bytes, which MediaWiki accepts as a picture.
func pngOf(size int) []byte {
	return append([]byte("\x89PNG\r\n\x1a\n"), bytes.Repeat([]byte{0}, size)...)
}
