package wiki

import (
	"context"
	"fmt"
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"mediawiki-stack/tests/internal/await"
	"mediawiki-stack/tests/internal/engine"
	"mediawiki-stack/tests/internal/kube"
	"mediawiki-stack/tests/internal/mediawiki"
	"mediawiki-stack/tests/internal/secret"
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
}

// outputs are what the stack tells its user.
type outputs struct {
	URL              string `json:"url"`
	Namespace        string `json:"namespace"`
	ServiceName      string `json:"serviceName"`
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

func (w *wiki) signIn(t *testing.T) {
	t.Helper()
	w.outputs = outputs{}
	w.Outputs(t, &w.outputs)
	// Without caches readers are led to Pods that have just become ready, which nodes hear of when up does, or a moment later.
	ended := time.Now()
	await.Success(t, "the node passes readers on", func() error {
		_, err := w.stranger().Get(t.Context(), "/")
		return err
	})
	require.Less(t, time.Since(ended), 10*time.Second, "between up's end and the first answer")
	w.admin = mediawiki.New(w.outputs.URL)
	require.NoError(t, w.admin.LogIn(t.Context(), w.outputs.AdminUser, w.outputs.AdminPassword))
}

// stranger is a reader without a session.
func (w *wiki) stranger() *mediawiki.Client { return mediawiki.New(w.outputs.URL) }

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

// answers waits until the wiki serves a page.
func (w *wiki) answers(t *testing.T) {
	t.Helper()
	await.Success(t, "the wiki answers", func() error {
		_, err := w.admin.Page(t.Context(), "Main Page")
		return err
	})
}

// bytesAt is what lies at an address of the wiki.
func bytesAt(ctx context.Context, client *mediawiki.Client, address string) ([]byte, error) {
	response, err := client.Get(ctx, address)
	if err != nil {
		return nil, err
	}
	if response.Status != http.StatusOK {
		return nil, fmt.Errorf("%s: status %d", address, response.Status)
	}
	return response.Body, nil
}
