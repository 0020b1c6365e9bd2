package nodes

import (
	"cmp"
	"context"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/mediawiki-stack/mediawiki-stack/internal/mediawiki"
)

// rates are the intervals between requests of a load. All its requests go to one node that answers, as a load balancer would send them.
var rates = map[kind]time.Duration{cached: time.Second / 10, uncached: time.Second / 2, edits: 2 * time.Second}

// kind is what a request is for.
type kind string

const (
	cached   kind = "read from a cache"
	uncached kind = "read"
	edits    kind = "edit"
)

// request is one answered or failed request.
type request struct {
	kind   kind
	at     time.Time // when it was sent
	took   time.Duration
	failed error
}

// load requests pages and edits one of them, until it is ended.
type load struct {
	stop  context.CancelFunc
	ended sync.WaitGroup

	mu       sync.Mutex
	requests []request
	version  int // the last acknowledged one of the edited page
}

// edited is the page that the load edits and that readers get from caches.
const edited = "Changing"

// startLoad starts a load. It ends with the test at the latest.
func (w *wiki) startLoad(t *testing.T, node string) *load {
	t.Helper()
	ctx, stop := context.WithCancel(t.Context())
	t.Cleanup(stop)
	l := &load{stop: stop}
	reader := w.reader(node)
	do := map[kind]func(ctx context.Context, n int) error{
		cached: func(ctx context.Context, _ int) error {
			_, err := reader.Page(ctx, "Main Page")
			return err
		},
		uncached: func(ctx context.Context, _ int) error {
			_, err := reader.Page(ctx, "Special:BlankPage")
			return err
		},
		edits: func(ctx context.Context, n int) error {
			err := w.admin.Edit(ctx, edited, fmt.Sprintf("This is version %d.", n))
			if err == nil {
				l.mu.Lock()
				defer l.mu.Unlock()
				l.version = max(l.version, n)
			}
			return err
		},
	}
	for kind, every := range rates {
		l.ended.Go(func() {
			ticker := time.NewTicker(every)
			defer ticker.Stop()
			for n := 1; ; n++ {
				select {
				case <-ctx.Done():
					return
				case <-ticker.C:
					send := func() {
						l.send(context.WithoutCancel(ctx), kind, func(ctx context.Context) error { return do[kind](ctx, n) })
					}
					if kind == edits { // one after the other: two at once would conflict
						send()
					} else {
						l.ended.Go(send)
					}
				}
			}
		})
	}
	return l
}

func (l *load) send(ctx context.Context, kind kind, do func(context.Context) error) {
	r := request{kind: kind, at: time.Now()}
	r.failed = do(ctx)
	r.took = time.Since(r.at)
	l.mu.Lock()
	defer l.mu.Unlock()
	l.requests = append(l.requests, r)
}

// end ends the load and waits for its last answer.
func (l *load) end() []request {
	l.stop()
	l.ended.Wait()
	return l.requests
}

// between returns the requests of a kind that were sent in a period, quickest first.
func between(requests []request, kind kind, from, to time.Time) []request {
	var found []request
	for _, r := range requests {
		if r.kind == kind && !r.at.Before(from) && r.at.Before(to) {
			found = append(found, r)
		}
	}
	slices.SortFunc(found, func(a, b request) int { return cmp.Compare(a.took, b.took) })
	return found
}

// median returns the time of the request in the middle.
func median(t *testing.T, requests []request) time.Duration {
	t.Helper()
	require.NotEmpty(t, requests)
	return requests[len(requests)/2].took
}

// assertQuick checks that no request failed, and that their median time is less than half a second above that of earlier requests.
func assertQuick(t *testing.T, what string, requests, before []request) {
	t.Helper()
	for _, r := range requests {
		assert.NoError(t, r.failed, "%s, sent at %s", r.kind, r.at) //nolint:testifylint // the others are of interest, too
	}
	usual, now := median(t, before), median(t, requests)
	t.Logf("%s: %d requests, half of them within %s, all within %s; before: %s", what, len(requests),
		now.Round(time.Millisecond), requests[len(requests)-1].took.Round(time.Millisecond), usual.Round(time.Millisecond))
	assert.Less(t, now, usual+time.Second/2, what)
}

// acknowledged returns the last version of the edited page that the wiki has acknowledged.
func (l *load) acknowledged() int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.version
}

var versions = regexp.MustCompile(`This is version (\d+)\.`)

// readsVersion returns an error unless a reader gets this version of the edited page, or a later one.
func readsVersion(ctx context.Context, reader *mediawiki.Client, least int) error {
	page, err := reader.Page(ctx, edited)
	if err != nil {
		return err
	}
	found := versions.FindStringSubmatch(page)
	if found == nil {
		return fmt.Errorf("%s has no version", edited)
	}
	version, err := strconv.Atoi(found[1])
	if err == nil && version < least {
		err = fmt.Errorf("version %d, want %d or a later one", version, least)
	}
	return err
}
