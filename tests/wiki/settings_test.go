package wiki

import (
	"fmt"
	"maps"
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/types"

	"github.com/mediawiki-stack/mediawiki-stack/tests/internal/engine"
	"github.com/mediawiki-stack/mediawiki-stack/tests/internal/kube"
	"github.com/mediawiki-stack/mediawiki-stack/tests/internal/secret"
)

// badSettingsAreRefused sets values that only code in the image can check. The error must name the mistake.
func (w *wiki) badSettingsAreRefused(t *testing.T) {
	table := map[string]struct{ key, setting, value, want string }{
		"PHP with a syntax error": {"extraSettings", "extraSettings", `$wgLogos = [ 'icon' => ;`, "syntax error"},
		"PHP that throws":         {"extraSettings", "extraSettings", `throw new RuntimeException( 'spoiled soup' );`, "spoiled soup"},
		"PHP that changes the wiki's address": {
			"extraSettings", "extraSettings", `$wgServer = 'https://x.example.org';`, "$wgServer: set siteUrl",
		},
		"PHP that makes the wiki read-only in web requests only": {
			"extraSettings", "extraSettings", `$wgReadOnly = PHP_SAPI === 'cli' ? null : 'soup';`, "$wgReadOnly: ",
		},
		"an extension that the image lacks": {"extensions", "extensions[0]", "Souffle", "Souffle"},
	}
	for _, name := range cases(1, table) {
		c := table[name]
		t.Run(name, func(t *testing.T) {
			old, oldCaches := w.ReadyPods(t, webPods), w.AwaitReady(t, cachePods, caches) // whose rollout may still be running
			w.Set(t, c.setting, c.value)
			defer w.Unset(t, c.key)
			p, err := w.Operate(t, "up")
			require.Error(t, err)
			assert.Contains(t, p.Printed, c.want)
			assert.Equal(t, kube.Names(old), kube.Names(w.ReadyPods(t, webPods)), "web Pods")
			assert.Equal(t, uids(oldCaches), uids(w.ReadyPods(t, cachePods)), "cache Pods, which keep their pages")
			w.works(t)
			w.assertCached(t, "Agreed")
		})
	}
	const installed = "an extension with tables and a user is installed, and code that breaks when preloaded is not preloaded"
	thorough(t, installed, func(t *testing.T) {
		w.Set(t, "language", "de") // the main page has another name in German, and nobody has written it
		w.Set(t, "extensions[0]", "AbuseFilter")
		w.Set(t, "extraSettings", `if ( is_file( '/tmp/preload' ) ) throw new RuntimeException( 'spoiled by preloading' );`)
		defer w.Unset(t, "extraSettings")
		w.up(t)
		log := fmt.Sprint(w.Logs(t, migrationPods))
		assert.Contains(t, log, "no files are preloaded, because:")
		assert.Contains(t, log, "spoiled by preloading")
		assert.Empty(t, w.Preview(t, "--expect-no-changes").Changes)
		w.works(t)
		// The extension's user has a name in the wiki's language.
		user, err := w.admin.Get(t.Context(), "/api.php?action=query&list=users&ususers=Missbrauchsfilter%7CAbuse_filter&format=json")
		require.NoError(t, err)
		assert.Contains(t, string(user.Body), `"userid"`)
		site, err := w.anonymous().Site(t.Context())
		require.NoError(t, err)
		assert.Equal(t, "de", site.Language)
	})
}

// uids returns the Pods' UIDs in the order of their names. A Pod of a StatefulSet that was replaced has the same name and another UID.
func uids(pods map[string]corev1.Pod) []types.UID {
	ids := make([]types.UID, 0, len(pods))
	for _, name := range slices.Sorted(maps.Keys(pods)) {
		ids = append(ids, pods[name].UID)
	}
	return ids
}

// assertCached checks that a page comes from a cache, after enough requests to fill every cache.
func (w *wiki) assertCached(t *testing.T, title string) {
	t.Helper()
	for range 12 * caches {
		_, err := w.anonymous().Page(t.Context(), title)
		require.NoError(t, err)
	}
	_, hit, err := readPage(t.Context(), w.anonymous(), "/wiki/"+title)
	require.NoError(t, err)
	assert.True(t, hit, "%s is cached", title)
}

// oldTitlesStillWork checks links that were written while the project namespace had the wiki's former name. The wiki's new name cannot be
// the name of a namespace.
func (w *wiki) oldTitlesStillWork(t *testing.T) {
	t.Helper()
	page, err := w.anonymous().Page(t.Context(), "Signpost")
	require.NoError(t, err)
	assert.Contains(t, page, `href="/wiki/Project:About"`)
	page, err = w.anonymous().Page(t.Context(), "Project:About")
	require.NoError(t, err)
	assert.Contains(t, page, "We cook soup.")
	old, err := w.anonymous().Get(t.Context(), "/wiki/Wiki:About")
	require.NoError(t, err)
	assert.Equal(t, w.outputs.URL+"/wiki/Project:About", old.Header.Get("Location"), "target of the old address")
}

func TestShortAdminPasswordIsRefusedBeforeAnythingIsCreated(t *testing.T) {
	w := newWiki(t, "short", engine.Options{Secrets: map[string]string{"adminPassword": "soup"}})
	defer w.Explain(t)
	for _, command := range []string{"preview", "up"} {
		p, err := w.Operate(t, command)
		require.Error(t, err, command)
		assert.Contains(t, p.Printed, "mediawiki:adminPassword")
		assert.Contains(t, p.Printed, "10 characters")
		// The engine registers these before the program starts.
		assert.Equal(t, []string{"create Stack mediawiki-short", "create pulumi default"}, p.Changes)
	}
	assert.False(t, w.Exists(t), "the namespace")
	w.SetSecret(t, "adminPassword", secret.New())
	w.Preview(t)
}
