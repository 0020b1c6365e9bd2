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

	"github.com/mediawiki-stack/mediawiki-stack/internal/mediawiki"
	"github.com/mediawiki-stack/mediawiki-stack/tests/internal/await"
	"github.com/mediawiki-stack/mediawiki-stack/tests/internal/engine"
	"github.com/mediawiki-stack/mediawiki-stack/tests/internal/kube"
	"github.com/mediawiki-stack/mediawiki-stack/tests/internal/node"
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

// The web Pod's container and the port that it listens on.
const (
	webContainer = "mediawiki"
	webPort      = 8080
)

// wiki is a stack, its namespace and its administrator.
type wiki struct {
	*engine.Stack
	*kube.Namespace
	outputs outputs
	master  string // the master secret
	admin   *mediawiki.Client
	proxy   *tlsproxy.Proxy // nil if readers use the node port

	replicated bool // it has a second database
}

// outputs are the stack's outputs.
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

// newWiki creates a stack without deploying it. When the test ends, all its objects are deleted, including data that the stack retains.
func newWiki(t *testing.T, name string, options engine.Options) *wiki {
	t.Helper()
	w := &wiki{Namespace: kube.Open(t, "mediawiki-"+name), master: secret.New()}
	w.Temporary(t)
	if options.Secrets == nil {
		options.Secrets = map[string]string{}
	}
	options.Secrets["masterSecret"] = w.master
	if twoDatabases {
		options.Settings = w.withSecondDatabase(t, options.Settings)
	}
	w.Stack = engine.NewStack(t, name, options)
	return w
}

// alias is another host of a wiki behind a proxy.
const alias = "www.example.org"

// newProxiedWiki is like newWiki, for a wiki behind a proxy that terminates TLS.
func newProxiedWiki(t *testing.T, name string) *wiki {
	t.Helper()
	proxy := tlsproxy.Open(t)
	w := newWiki(t, name, engine.Options{Settings: map[string]any{
		"siteUrl": proxy.URL, "aliases": []string{alias}, "hsts": 60,
		"trustedProxies": []string{ownAddress(t, kube.Open(t, "default").Config.Host)},
		"monitoring":     map[string]any{"enabled": true, "operator": false}, // the cluster has no Prometheus operator
	}})
	w.proxy = proxy
	return w
}

// ownAddress returns the source address that a server sees for connections from this machine.
func ownAddress(t *testing.T, server string) string {
	t.Helper()
	address, err := url.Parse(server)
	require.NoError(t, err)
	return node.Address(t, address.Host)
}

// up runs `pulumi up` and logs in as the administrator.
func (w *wiki) up(t *testing.T) {
	t.Helper()
	w.Up(t)
	w.signIn(t)
}

// readOutputs reads the stack's outputs and points the proxy, if there is one, to the wiki.
func (w *wiki) readOutputs(t *testing.T) {
	t.Helper()
	w.outputs = outputs{}
	w.Outputs(t, &w.outputs)
	if w.proxy != nil {
		w.proxy.SetBackend(w.nodeAddress(t))
	}
}

// nodeAddress returns the address of a node with the wiki's node port.
func (w *wiki) nodeAddress(t *testing.T) string {
	t.Helper()
	server, err := url.Parse(w.Config.Host)
	require.NoError(t, err)
	return net.JoinHostPort(server.Hostname(), strconv.Itoa(w.outputs.NodePort))
}

// signIn reads the outputs, waits until the node port answers, and logs in as the administrator.
func (w *wiki) signIn(t *testing.T) {
	t.Helper()
	w.readOutputs(t)
	// Without caches, kube-proxy may route to the new web Pods a moment after up has seen that they are ready.
	ended := time.Now()
	await.Success(t, "the node port answers", func() error {
		response, err := w.anonymous().Get(t.Context(), "/")
		if err == nil && response.Status == http.StatusBadGateway {
			err = errors.New("the proxy cannot connect")
		}
		return err
	})
	require.Less(t, time.Since(ended), 10*time.Second, "time from the end of up to the first response")
	w.admin = w.anonymous()
	require.NoError(t, w.admin.LogIn(t.Context(), w.outputs.AdminUser, w.outputs.AdminPassword))
}

// anonymous returns a client without a session.
func (w *wiki) anonymous() *mediawiki.Client {
	reader := mediawiki.New(w.outputs.URL)
	if w.proxy != nil {
		reader = reader.WithAuthorities(w.proxy.Authorities)
	}
	return reader
}

// viaNodePort returns a client without a session that connects to the node port and bypasses the proxy.
func (w *wiki) viaNodePort(t *testing.T) *mediawiki.Client {
	t.Helper()
	return w.viaNodePortFrom(t, "")
}

// viaNodePortFrom is like viaNodePort, but connects from the given address of this machine. If it is empty, the system chooses one.
func (w *wiki) viaNodePortFrom(t *testing.T, from string) *mediawiki.Client {
	t.Helper()
	address, dialer := w.nodeAddress(t), new(net.Dialer)
	if from != "" {
		dialer.LocalAddr = &net.TCPAddr{IP: net.ParseIP(from)}
	}
	return w.anonymous().WithDial(func(ctx context.Context, network, _ string) (net.Conn, error) {
		return dialer.DialContext(ctx, network, address)
	})
}

// works checks that the wiki serves a page, and saves and returns an edit.
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

// download returns the body of a successful GET request.
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
