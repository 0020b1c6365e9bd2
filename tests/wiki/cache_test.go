package wiki

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/mediawiki-stack/mediawiki-stack/internal/mediawiki"
	"github.com/mediawiki-stack/mediawiki-stack/tests/internal/await"
)

// caches is the default number of cache Pods. Each caches pages on its own.
const caches = 2

// readPage requests a page and reports whether it came from a cache.
func readPage(ctx context.Context, client *mediawiki.Client, path string) (string, bool, error) {
	response, err := client.Get(ctx, path)
	if err != nil {
		return "", false, err
	}
	if response.Status != http.StatusOK {
		return "", false, fmt.Errorf("%s: status %d: %.200s", path, response.Status, response.Body)
	}
	return string(response.Body), response.Header.Get("X-Cache") == "hit", nil
}

// number matches the version in a test page.
var number = regexp.MustCompile(`This is version (\d+)\.`)

// editsAreSeen edits pages while readers request them without a pause. A request sent after an edit was acknowledged must return that edit
// or a later one.
func (w *wiki) editsAreSeen(t *testing.T) {
	const pages, readers = 5, 4
	var acknowledged [pages]atomic.Int64
	path := func(page int) string { return fmt.Sprintf("/wiki/Version/%d", page) }
	edit := func(page, version int) {
		require.NoError(t, w.admin.Edit(t.Context(), fmt.Sprintf("Version/%d", page), fmt.Sprintf("This is version %d.", version)))
		acknowledged[page].Store(int64(version))
	}
	for page := range pages {
		edit(page, 1)
	}
	ctx, stop := context.WithCancel(t.Context())
	var reading sync.WaitGroup
	var reads, hits, stale atomic.Int64
	for range readers {
		client := w.anonymous()
		reading.Go(func() {
			for n := 0; ctx.Err() == nil; n++ {
				page := n % pages
				least := acknowledged[page].Load()
				text, hit, err := readPage(t.Context(), client, path(page))
				found := number.FindStringSubmatch(text)
				if err != nil || found == nil {
					t.Errorf("reading %s: %v: %.200s", path(page), err, text)
					return
				}
				reads.Add(1)
				if hit {
					hits.Add(1)
				}
				if version, err := strconv.ParseInt(found[1], 10, 64); err != nil || version < least {
					stale.Add(1)
				}
			}
		})
	}
	edits := points(30, 60, 1000)
	for n := range edits {
		edit(n%pages, 2+n)
	}
	stop()
	reading.Wait()
	t.Logf("%d edits, %d reads, %d from a cache, %d stale", edits, reads.Load(), hits.Load(), stale.Load())
	assert.Zero(t, stale.Load(), "stale pages")
	assert.Greater(t, hits.Load(), reads.Load()/2, "pages from a cache")

	w.templatesAreSeen(t)

	require.NoError(t, w.admin.Delete(t.Context(), "Seasonal"))
	for range 4 * caches {
		response, err := w.anonymous().Get(t.Context(), "/wiki/Seasonal")
		require.NoError(t, err)
		assert.Equal(t, http.StatusNotFound, response.Status, "a deleted page")
	}
}

// templatesAreSeen changes a template. The job queue must bring the change to the pages that use the template.
func (w *wiki) templatesAreSeen(t *testing.T) {
	t.Helper()
	require.NoError(t, w.admin.Edit(t.Context(), "Template:Season", "It is spring."))
	// Let the jobs run before a page uses the template. Without CurrentBacklinks, MediaWiki would then remember for an hour that no page
	// uses it.
	await.Success(t, "the jobs of the new template are done", func() error {
		if left := w.asRoot(t, "SELECT job_cmd FROM my_wiki.job WHERE job_title = 'Season'"); left != "" {
			return errors.New("there are jobs: " + left)
		}
		return nil
	})
	require.NoError(t, w.admin.Edit(t.Context(), "Seasonal", "{{Season}}"))
	season := func(want string) error {
		text, _, err := readPage(t.Context(), w.anonymous(), "/wiki/Seasonal")
		if err == nil && !strings.Contains(text, want) {
			err = errors.New("the page lacks: " + want)
		}
		return err
	}
	for range 2 * caches { // so that every cache has the page
		require.NoError(t, season("spring"))
	}
	for _, next := range []string{"summer", "autumn", "winter", "spring again", "June", "July", "August"} { // each once the last is seen
		require.NoError(t, w.admin.Edit(t.Context(), "Template:Season", "It is "+next+"."))
		changed := time.Now()
		for range 4 * caches {
			await.Success(t, "readers see the changed template", func() error { return season(next) })
		}
		took := time.Since(changed)
		t.Logf("readers see a changed template after %s", took.Round(time.Second/10))
		assert.Less(t, took, 10*time.Second) // MediaWiki's own runner looks for jobs every 15 seconds
	}
}

// sessionsAreNotCached checks that a logged-in user's pages neither come from a cache nor enter one, at addresses that are cached for
// anonymous readers.
func (w *wiki) sessionsAreNotCached(t *testing.T) {
	name := `"wgUserName":"` + w.outputs.AdminUser + `"`
	for _, path := range []string{"/wiki/Main_Page", "/wiki/Agreed", "/wiki/Not_there_" + strconv.FormatInt(time.Now().Unix(), 10)} {
		for range 2 * caches {
			response, err := w.admin.Get(t.Context(), path)
			require.NoError(t, err)
			assert.Contains(t, string(response.Body), name, "a user's page at %s", path)
			assert.NotEqual(t, "hit", response.Header.Get("X-Cache"), path)
			assert.Contains(t, response.Header.Get("Cache-Control"), "private", path)

			response, err = w.anonymous().Get(t.Context(), path)
			require.NoError(t, err)
			assert.NotContains(t, string(response.Body), name, "an anonymous reader's page at %s", path)
			assert.Empty(t, response.Header.Get("Set-Cookie"), path)
			assert.NotContains(t, response.Header.Get("Cache-Control"), "s-maxage", "caches outside the wiki cannot be purged of %s", path)
		}
	}
	// Only the wiki's own Pods may purge.
	for _, method := range []string{"PURGE", "BAN"} {
		response, err := w.anonymous().Request(t.Context(), method, "/wiki/Main_Page", http.Header{})
		require.NoError(t, err)
		assert.Equal(t, http.StatusMethodNotAllowed, response.Status, method)
	}
}

// stampedeIsHeldBack purges a page and lets many anonymous readers and users request it at once. It must be parsed once.
func (w *wiki) stampedeIsHeldBack(t *testing.T) {
	const title, readers, users = "Stampede", 200, 8
	require.NoError(t, w.admin.Edit(t.Context(), title, strings.Repeat("A [[soup]] of ''lentils''. ", 3000)))
	page, _, err := readPage(t.Context(), w.admin, "/wiki/"+title)
	require.NoError(t, err)
	before, err := mediawiki.ParseReport(strings.NewReader(page))
	require.NoError(t, err)
	mediawiki.AwaitNextSecond()
	require.NoError(t, w.admin.Purge(t.Context(), title))
	var requests sync.WaitGroup
	var mu sync.Mutex
	parsings := map[string]int{}
	misses := 0
	request := func(client *mediawiki.Client) {
		page, hit, err := readPage(t.Context(), client, "/wiki/"+title)
		parsing := ""
		if err == nil {
			parsing, err = mediawiki.ParseReport(strings.NewReader(page))
		}
		mu.Lock()
		defer mu.Unlock()
		if err != nil {
			t.Error(err)
			return
		}
		parsings[parsing]++
		if !hit {
			misses++
		}
	}
	for n := range readers {
		requests.Go(func() { request(w.anonymous()) })
		if n < users {
			requests.Go(func() { request(w.admin) })
		}
	}
	requests.Wait()
	assert.NotContains(t, parsings, before, "pages parsed before the purge")
	assert.Len(t, parsings, 1, "distinct parses")
	assert.LessOrEqual(t, misses, caches+users, "pages that came from no cache")
}

// scraperIsHeldBack lets one client request diffs faster than the rate limit while another one reads.
func (w *wiki) scraperIsHeldBack(t *testing.T) {
	const requests, burst, perSecond = 400, 100, 10 // burst and rate are the limits of each cache
	const scraper, other = "127.0.0.7", "127.0.0.8"
	var scraping sync.WaitGroup
	var rejected atomic.Int64
	began := time.Now()
	for n := range requests {
		scraping.Go(func() {
			path := fmt.Sprintf("/index.php?title=Version/0&diff=%d", 1_000_000+n)
			response, err := w.anonymous().WithLocalAddress(scraper).Get(t.Context(), path)
			if err == nil && response.Status == http.StatusTooManyRequests {
				rejected.Add(1)
			}
		})
	}
	var took time.Duration
	ended := make(chan struct{})
	go func() { scraping.Wait(); took = time.Since(began); close(ended) }()
	var slowest time.Duration
	for done := false; !done; {
		select {
		case <-ended:
			done = true
		default:
			begun := time.Now()
			_, err := w.anonymous().Page(t.Context(), "Main Page")
			require.NoError(t, err)
			slowest = max(slowest, time.Since(begun))
		}
	}
	t.Logf("%d of %d requests were rejected; the slowest reader waited %s", rejected.Load(), requests, slowest.Round(time.Millisecond))
	passed := caches * (burst + perSecond*(1+int(took.Seconds())))
	require.Less(t, passed, requests, "the requests took %s, too slow to exceed the limit", took)
	assert.GreaterOrEqual(t, rejected.Load(), int64(requests-passed), "rejected requests")
	const history = "/index.php?title=Version/0&action=history"
	_, err := w.admin.Get(t.Context(), history)
	require.NoError(t, err, "users are not limited")
	for range 2 * caches {
		response, err := w.anonymous().WithLocalAddress(other).Get(t.Context(), history)
		require.NoError(t, err)
		assert.NotEqual(t, http.StatusTooManyRequests, response.Status, "another address behind the same proxy is not limited")
	}
}
