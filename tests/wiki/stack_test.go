package wiki

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/mediawiki-stack/mediawiki-stack/tests/internal/await"
	"github.com/mediawiki-stack/mediawiki-stack/tests/internal/engine"
	"github.com/mediawiki-stack/mediawiki-stack/tests/internal/kube"
	"github.com/mediawiki-stack/mediawiki-stack/tests/internal/mediawiki"
	"github.com/mediawiki-stack/mediawiki-stack/tests/internal/secret"
	"github.com/mediawiki-stack/mediawiki-stack/tests/internal/tlsproxy"
)

// Selectors of the wiki's Pods.
const (
	webPods         = "app=mediawiki-app"
	databasePods    = "app=mediawiki-db"
	objectCachePods = "app=mediawiki-objectcache"
	cachePods       = "app=mediawiki-cache"
	jobPods         = "app=mediawiki-jobs"
	migrationPods   = "app=mediawiki-migration"
	backupPods      = "app=mediawiki-backup"
)

// The web Pod's container, and where it listens.
const (
	webContainer = "mediawiki"
	webPort      = 8080
)

// wiki is a stack, what it deploys, and its administrator.
type wiki struct {
	*engine.Stack
	*kube.Namespace
	outputs outputs
	master  string // the master secret
	admin   *mediawiki.Client
	proxy   *tlsproxy.Proxy // nil if readers ask at the node port
}

// outputs are what the stack tells its user.
type outputs struct {
	URL              string `json:"url"`
	Namespace        string `json:"namespace"`
	ServiceName      string `json:"serviceName"`
	NodePort         int    `json:"nodePort"`
	DatabaseHost     string `json:"databaseHost"`
	DatabaseName     string `json:"databaseName"`
	DatabaseUser     string `json:"databaseUser"`
	DatabasePassword string `json:"databasePassword"`
	AdminUser        string `json:"adminUser"`
	AdminPassword    string `json:"adminPassword"`
	ProvenBackup     string `json:"provenBackup"`
}

// newWiki makes a stack that is not yet deployed. When the test ends nothing is left of it, be it meant to be kept.
func newWiki(t *testing.T, name string, options engine.Options) *wiki {
	t.Helper()
	w := &wiki{Namespace: kube.Open(t, "mediawiki-"+name), master: secret.New()}
	w.Temporary(t)
	if options.Secrets == nil {
		options.Secrets = map[string]string{}
	}
	options.Secrets["masterSecret"] = w.master
	w.Stack = engine.NewStack(t, name, options)
	return w
}

// newProxiedWiki is newWiki for a wiki whose readers come by way of a proxy that ends TLS.
func newProxiedWiki(t *testing.T, name string) *wiki {
	t.Helper()
	proxy := tlsproxy.Open(t)
	w := newWiki(t, name, engine.Options{Settings: map[string]any{
		"siteUrl": proxy.URL, "trustedProxies": []string{ownAddress(t, kube.Open(t, "default").Config.Host)},
	}})
	w.proxy = proxy
	return w
}

// ownAddress is the address that a server sees of this machine.
func ownAddress(t *testing.T, server string) string {
	t.Helper()
	address, err := url.Parse(server)
	require.NoError(t, err)
	connection, err := new(net.Dialer).DialContext(t.Context(), "udp", address.Host) // which sends nothing
	require.NoError(t, err)
	defer connection.Close() //nolint:errcheck // nothing was sent
	return connection.LocalAddr().(*net.UDPAddr).IP.String()
}

// explain shows what is deployed if the test has failed. Defer it: a test's cleanups come too late.
func (w *wiki) explain(t *testing.T) {
	t.Helper()
	if !t.Failed() {
		return
	}
	for _, line := range w.Contents(t) {
		t.Log(line)
	}
	for name, log := range w.Logs(t, "") {
		const end = 2000
		t.Logf("log of %s:\n%s", name, log[max(0, len(log)-end):])
	}
}

// up deploys what is set, and signs in as the administrator.
func (w *wiki) up(t *testing.T) {
	t.Helper()
	w.Up(t)
	w.signIn(t)
}

// readOutputs notes what the stack says, and has readers led there.
func (w *wiki) readOutputs(t *testing.T) {
	t.Helper()
	w.outputs = outputs{}
	w.Outputs(t, &w.outputs)
	if w.proxy != nil {
		w.proxy.SetBackend(w.nodeAddress(t))
	}
}

// nodeAddress is a node's address, with the wiki's port.
func (w *wiki) nodeAddress(t *testing.T) string {
	t.Helper()
	server, err := url.Parse(w.Config.Host)
	require.NoError(t, err)
	return net.JoinHostPort(server.Hostname(), strconv.Itoa(w.outputs.NodePort))
}

func (w *wiki) signIn(t *testing.T) {
	t.Helper()
	w.readOutputs(t)
	// Without caches readers are led to Pods that have just become ready, which nodes hear of when up does, or a moment later.
	ended := time.Now()
	await.Success(t, "the node passes readers on", func() error {
		response, err := w.anonymous().Get(t.Context(), "/")
		if err == nil && response.Status == http.StatusBadGateway {
			err = errors.New("the proxy does not reach it")
		}
		return err
	})
	require.Less(t, time.Since(ended), 10*time.Second, "between up's end and the first answer")
	w.admin = w.anonymous()
	require.NoError(t, w.admin.LogIn(t.Context(), w.outputs.AdminUser, w.outputs.AdminPassword))
}

// anonymous is a reader without a session.
func (w *wiki) anonymous() *mediawiki.Client {
	reader := mediawiki.New(w.outputs.URL)
	if w.proxy != nil {
		reader = reader.WithAuthorities(w.proxy.Authorities)
	}
	return reader
}

// viaNodePort is a reader without a session who asks at the node port, past the proxy if there is one.
func (w *wiki) viaNodePort(t *testing.T) *mediawiki.Client {
	t.Helper()
	address := w.nodeAddress(t)
	return w.anonymous().WithDial(func(ctx context.Context, network, _ string) (net.Conn, error) {
		return new(net.Dialer).DialContext(ctx, network, address)
	})
}

// works checks that the wiki serves a page, and stores an edit and gives it back.
func (w *wiki) works(t *testing.T) {
	t.Helper()
	page, text := "Test card", "This wiki works: "+secret.New()
	require.NoError(t, w.admin.Edit(t.Context(), page, text))
	texts, err := w.admin.Texts(t.Context(), page)
	require.NoError(t, err)
	require.Equal(t, map[string]string{page: text}, texts)
	_, err = w.admin.Page(t.Context(), "Main Page")
	require.NoError(t, err)
}

// awaitAnswer waits until the wiki serves a page.
func (w *wiki) awaitAnswer(t *testing.T) {
	t.Helper()
	await.Success(t, "the wiki answers", func() error {
		_, err := w.admin.Page(t.Context(), "Main Page")
		return err
	})
}

// download is what lies at an address of the wiki.
func download(ctx context.Context, client *mediawiki.Client, address string) ([]byte, error) {
	response, err := client.Get(ctx, address)
	if err != nil {
		return nil, err
	}
	if response.Status != http.StatusOK {
		return nil, fmt.Errorf("%s: status %d", address, response.Status)
	}
	return response.Body, nil
}
