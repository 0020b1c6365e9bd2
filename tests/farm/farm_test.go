package farm

import (
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/mediawiki-stack/mediawiki-stack/internal/operate"
	"github.com/mediawiki-stack/mediawiki-stack/tests/internal/kube"
	"github.com/mediawiki-stack/mediawiki-stack/tests/internal/secret"
)

const serverNamespace = "farm-database"

// names of the farm's wikis.
var names = []string{"alpha", "bravo", "charlie", "delta", "echo", "foxtrot", "golf", "hotel", "india", "juliet"}

// farm is the example with ten wikis.
type farm struct {
	*project
	doors doors
	wikis map[string]*wiki
}

// TestFarm deploys ten wikis with one MariaDB, or three with -short.
func TestFarm(t *testing.T) {
	if testing.Short() {
		names = names[:3]
	}
	for _, name := range names {
		kube.Open(t, "wiki-"+name).Temporary(t)
	}
	kube.Open(t, serverNamespace).Temporary(t)
	f := &farm{project: open(t, secret.New()), doors: doors{}, wikis: map[string]*wiki{}}
	f.setWikis(t, names...)
	t.Logf("preview of %d new wikis: %s", len(names), f.timed(t, "preview").Round(time.Second/10))
	defer f.timed(t, "destroy", "--yes")
	defer func() {
		for _, namespace := range []string{serverNamespace, "wiki-alpha", "wiki-bravo"} {
			kube.Open(t, namespace).Explain(t)
		}
	}()
	t.Logf("up of %d new wikis: %s", len(names), f.timed(t, "up", "--yes").Round(time.Second))
	for _, name := range names {
		f.reach(t, name)
		f.wikis[name].use(t, "The soup of "+name)
	}
	t.Logf("preview without changes: %s", f.timed(t, "preview", "--expect-no-changes").Round(time.Second/10))

	t.Run("an account reaches its own database only", f.accountsAreIsolated)
	t.Run("only the wikis reach the server, and no wiki the caches of another", f.connectionsAreIsolated)
	t.Run("a wiki has a memcached of its own, with its own keys", f.keysAreTheWikisOwn)
	t.Run("an edit purges no page of another wiki", f.purgesAreIsolated)
	t.Run("a session is worth nothing in another wiki", f.sessionsAreIsolated)
	t.Run("a wiki is backed up and restored beside the others", f.backupIsRestored)
	t.Run("a wiki is removed and comes back while another one is used", f.wikiIsRemoved)
	t.Run("the wikis take less memory than separate ones", f.takesLessMemory)
}

// reach opens a deployed wiki.
func (f *farm) reach(t *testing.T, name string) {
	t.Helper()
	f.wikis[name] = f.doors.reach(t, kube.Open(t, "wiki-"+name), name, f.output(t, name+"Url"), f.output(t, name+"AdminPassword"))
}

// backupIsRestored takes a backup of a wiki, proves it, and restores it after another edit.
func (f *farm) backupIsRestored(t *testing.T) {
	a, b := f.wikis["alpha"], f.wikis["bravo"]
	require.NoError(t, b.admin.Edit(t.Context(), "Stew", "Before the backup"))
	operator := &operate.Wiki{Client: b.Kube, Attach: operate.AttachWith(b.Config), Namespace: b.Name, Name: b.name}
	show := func(line string) { t.Log(line) }
	require.NoError(t, operator.Backup(t.Context(), show))
	require.NoError(t, operator.Drill(t.Context(), "", show))
	for _, w := range []*wiki{a, b} {
		require.NoError(t, w.admin.Edit(t.Context(), "Stew", "After the backup"))
	}
	require.NoError(t, operator.Restore(t.Context(), "", show))
	f.reach(t, b.name) // a restore ends all sessions
	b = f.wikis[b.name]
	for w, want := range map[*wiki]string{a: "After the backup", b: "Before the backup"} {
		texts, err := w.admin.Texts(t.Context(), "Stew")
		require.NoError(t, err)
		assert.Equal(t, map[string]string{"Stew": want}, texts, w.name)
	}
}

// wikiIsRemoved removes a wiki from the program and adds it again, while another one is read and edited.
func (f *farm) wikiIsRemoved(t *testing.T) {
	removed, other := f.wikis["alpha"], f.wikis["bravo"]
	before, login := kube.Names(other.ReadyPods(t, "")), removed.account(t, "app=alpha-app")
	end := other.beUsed(t)
	defer end()
	f.setWikis(t, names[1:]...)
	f.timed(t, "up", "--yes")
	removed.AwaitReady(t, "", 0)
	_, err := other.query(t, login, "SELECT 1")
	require.NoError(t, err, "account and database remain")

	f.setWikis(t, names...)
	f.timed(t, "up", "--yes")
	f.reach(t, "alpha")
	texts, err := f.wikis["alpha"].admin.Texts(t.Context(), "Soup")
	require.NoError(t, err)
	assert.Equal(t, map[string]string{"Soup": "The soup of alpha"}, texts)
	end()
	assert.Equal(t, before, kube.Names(other.ReadyPods(t, "")), "Pods of the other wiki")
}

// beUsed edits and reads a page every second until end is called. end reports the requests that failed.
func (w *wiki) beUsed(t *testing.T) (end func()) {
	t.Helper()
	stop := make(chan struct{})
	var using sync.WaitGroup
	var requests int
	var failed []error
	using.Go(func() {
		ticker := time.NewTicker(time.Second)
		defer ticker.Stop()
		for ; ; requests += 2 {
			select {
			case <-stop:
				return
			case <-ticker.C:
			}
			if err := w.admin.Edit(t.Context(), "Changing", time.Now().String()); err != nil {
				failed = append(failed, err)
			}
			if _, err := w.reader.Page(t.Context(), "Changing"); err != nil {
				failed = append(failed, err)
			}
		}
	})
	return sync.OnceFunc(func() {
		close(stop)
		using.Wait()
		t.Logf("%d requests of %s", requests, w.name)
		assert.Positive(t, requests)
		assert.Empty(t, failed)
	})
}
