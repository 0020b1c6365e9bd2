package wiki

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/mediawiki-stack/mediawiki-stack/internal/mediawiki"
	"github.com/mediawiki-stack/mediawiki-stack/tests/internal/await"
)

// lists are special pages that are cached until the next change.
var lists = []string{"/wiki/Special:RecentChanges", "/wiki/Special:NewPages", "/wiki/Special:AllPages"}

// listsShowEveryChange creates pages while anonymous readers and a user look at lists of changes and pages. MediaWiki records a change
// after its response to the editor, and then purges the lists.
func (w *wiki) listsShowEveryChange(t *testing.T) {
	const pages, most = 4, 10 * time.Second // without a purge, a list is cached for this long
	hits, reads := 0, 0
	shows := func(client *mediawiki.Client, title string) error {
		for _, list := range lists {
			text, hit, err := readPage(t.Context(), client, list)
			if err != nil {
				return err
			}
			if hit && client == w.admin {
				t.Errorf("a user's %s is from a cache", list)
			}
			if !strings.Contains(text, title) {
				return fmt.Errorf("%s does not show %s", list, title)
			}
		}
		return nil
	}
	for page := range pages {
		title := fmt.Sprintf("A list shows %d", page)
		require.NoError(t, w.admin.Edit(t.Context(), title, "It is new."))
		edited := time.Now()
		await.Success(t, "a user sees the new page", func() error { return shows(w.admin, title) })
		await.Success(t, "anonymous readers see the new page", func() error {
			for range 2 * caches {
				if err := shows(w.anonymous(), title); err != nil {
					return err
				}
			}
			return nil
		})
		assert.Less(t, time.Since(edited), most, "the lists are purged")
		for range 2 * caches {
			for _, list := range lists {
				text, hit, err := readPage(t.Context(), w.anonymous(), list)
				require.NoError(t, err)
				assert.Contains(t, text, title, "an older list after a newer one")
				assert.NotContains(t, text, `"wgUserName":"`, list)
				if reads++; hit {
					hits++
				}
			}
		}
	}
	assert.Greater(t, hits, reads/2, "lists from a cache")
}

// listsAreNotMixedUp requests a list in another language, with other options and at other addresses.
func (w *wiki) listsAreNotMixedUp(t *testing.T) {
	list := lists[0]
	for range 2 * caches {
		response, err := w.anonymous().Get(t.Context(), list)
		require.NoError(t, err)
		assert.Contains(t, string(response.Body), `lang="en"`)
		assert.NotContains(t, response.Header.Get("Cache-Control"), "s-maxage", "other caches are not purged")
		for _, other := range []string{list + "?uselang=de", list + "?limit=1", list + "/1", "/index.php?title=Special:RecentChanges"} {
			text, hit, err := readPage(t.Context(), w.anonymous(), other)
			require.NoError(t, err)
			assert.False(t, hit, "%s from a cache", other)
			if other == list+"?uselang=de" {
				assert.Contains(t, text, `lang="de"`)
			}
		}
		response, err = w.anonymous().Get(t.Context(), "/wiki/Special:Recentchanges")
		require.NoError(t, err)
		assert.Equal(t, http.StatusFound, response.Status, "another spelling is redirected")
	}
}
