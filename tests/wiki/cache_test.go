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

	"github.com/mediawiki-stack/mediawiki-stack/tests/internal/await"
	"github.com/mediawiki-stack/mediawiki-stack/tests/internal/mediawiki"
)

// caches of the default stack, each of which has copies of its own.
const caches = 2

// readPage asks for a page and tells whether what came was a copy.
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

// number is what a page says which version of it this is.
var number = regexp.MustCompile(`This is version (\d+)\.`)

// editsAreSeen has readers ask for pages without a pause while these are edited. Whoever asks after an edit has been acknowledged has to
// see it, or a later one.
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
	t.Logf("%d edits, %d reads, %d of them of copies, %d stale", edits, reads.Load(), hits.Load(), stale.Load())
	assert.Zero(t, stale.Load(), "stale answers")
	assert.Greater(t, hits.Load(), reads.Load()/2, "answers that were copies")

	// A change that reaches the page by way of the job queue.
	require.NoError(t, w.admin.Edit(t.Context(), "Template:Season", "It is spring."))
	require.NoError(t, w.admin.Edit(t.Context(), "Seasonal", "{{Season}}"))
	season := func(wanted string) error {
		text, _, err := readPage(t.Context(), w.anonymous(), "/wiki/Seasonal")
		if err == nil && !strings.Contains(text, wanted) {
			err = errors.New("it does not say: " + wanted)
		}
		return err
	}
	for range 2 * caches { // so that each cache has a copy
		require.NoError(t, season("spring"))
	}
	mediawiki.AwaitNextSecond()
	require.NoError(t, w.admin.Edit(t.Context(), "Template:Season", "It is summer."))
	for range 4 * caches {
		await.Success(t, "a change of a template is seen", func() error { return season("summer") })
	}

	require.NoError(t, w.admin.Delete(t.Context(), "Seasonal"))
	for range 4 * caches {
		response, err := w.anonymous().Get(t.Context(), "/wiki/Seasonal")
		require.NoError(t, err)
		assert.Equal(t, http.StatusNotFound, response.Status, "a page that was deleted")
	}
}

// sessionsAreNotCached checks that what a user sees is no copy and becomes none, at addresses of which there are copies too.
func (w *wiki) sessionsAreNotCached(t *testing.T) {
	name := `"wgUserName":"` + w.outputs.AdminUser + `"`
	for _, path := range []string{"/wiki/Main_Page", "/wiki/Agreed", "/wiki/Not_there_" + strconv.FormatInt(time.Now().Unix(), 10)} {
		for range 2 * caches {
			response, err := w.admin.Get(t.Context(), path)
			require.NoError(t, err)
			assert.Contains(t, string(response.Body), name, "what a user sees at %s", path)
			assert.NotEqual(t, "hit", response.Header.Get("X-Cache"), path)
			assert.Contains(t, response.Header.Get("Cache-Control"), "private", path)

			response, err = w.anonymous().Get(t.Context(), path)
			require.NoError(t, err)
			assert.NotContains(t, string(response.Body), name, "what a stranger sees at %s", path)
			assert.Empty(t, response.Header.Get("Set-Cookie"), path)
			assert.NotContains(t, response.Header.Get("Cache-Control"), "s-maxage", "other caches hear of no change of %s", path)
		}
	}
	// What the wiki's own Pods may do, a reader may not.
	for _, method := range []string{"PURGE", "BAN"} {
		response, err := w.anonymous().Request(t.Context(), method, "/wiki/Main_Page", http.Header{})
		require.NoError(t, err)
		assert.Equal(t, http.StatusMethodNotAllowed, response.Status, method)
	}
}

// stampedeIsHeldBack has many strangers and users ask at once for a page of which nothing is kept any more: it is parsed once.
func (w *wiki) stampedeIsHeldBack(t *testing.T) {
	const title, strangers, users = "Stampede", 200, 8
	require.NoError(t, w.admin.Edit(t.Context(), title, strings.Repeat("A [[soup]] of ''lentils''. ", 3000)))
	page, _, err := readPage(t.Context(), w.admin, "/wiki/"+title)
	require.NoError(t, err)
	before, err := mediawiki.ParseReport(strings.NewReader(page))
	require.NoError(t, err)
	mediawiki.AwaitNextSecond()
	require.NoError(t, w.admin.Purge(t.Context(), title))
	var asked sync.WaitGroup
	var mu sync.Mutex
	parsings := map[string]int{}
	made := 0
	ask := func(client *mediawiki.Client) {
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
			made++
		}
	}
	for n := range strangers {
		asked.Go(func() { ask(w.anonymous()) })
		if n < users {
			asked.Go(func() { ask(w.admin) })
		}
	}
	asked.Wait()
	assert.NotContains(t, parsings, before, "answers with what had been kept")
	assert.Len(t, parsings, 1, "times that the page was parsed")
	assert.LessOrEqual(t, made, caches+users, "times that the page was made of what was parsed")
}

// scraperIsHeldBack has one client ask for differences faster than it may, and another one read.
func (w *wiki) scraperIsHeldBack(t *testing.T) {
	const requests, atOnce, perSecond = 400, 100, 10 // of which each cache lets so many pass
	const scraper, other = "127.0.0.7", "127.0.0.8"
	var scraping sync.WaitGroup
	var held atomic.Int64
	began := time.Now()
	for n := range requests {
		scraping.Go(func() {
			response, err := w.anonymous().WithLocalAddress(scraper).Get(t.Context(), fmt.Sprintf("/index.php?title=Version/0&diff=%d", 1_000_000+n))
			if err == nil && response.Status == http.StatusTooManyRequests {
				held.Add(1)
			}
		})
	}
	var asked time.Duration
	ended := make(chan struct{})
	go func() { scraping.Wait(); asked = time.Since(began); close(ended) }()
	var slowest time.Duration
	for over := false; !over; {
		select {
		case <-ended:
			over = true
		default:
			begun := time.Now()
			_, err := w.anonymous().Page(t.Context(), "Main Page")
			require.NoError(t, err)
			slowest = max(slowest, time.Since(begun))
		}
	}
	t.Logf("%d of %d requests were held back; the slowest reader waited %s", held.Load(), requests, slowest.Round(time.Millisecond))
	passed := caches * (atOnce + perSecond*(1+int(asked.Seconds())))
	require.Less(t, passed, requests, "asked for %s, which is no scraper", asked)
	assert.GreaterOrEqual(t, held.Load(), int64(requests-passed), "requests that were held back")
	const history = "/index.php?title=Version/0&action=history"
	_, err := w.admin.Get(t.Context(), history)
	require.NoError(t, err, "users are not held back")
	for range 2 * caches {
		response, err := w.anonymous().WithLocalAddress(other).Get(t.Context(), history)
		require.NoError(t, err)
		assert.NotEqual(t, http.StatusTooManyRequests, response.Status, "nor is who comes by way of the same proxy from another address")
	}
}
