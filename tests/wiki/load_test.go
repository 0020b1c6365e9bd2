package wiki

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/mediawiki-stack/mediawiki-stack/tests/internal/await"
	"github.com/mediawiki-stack/mediawiki-stack/tests/internal/mediawiki"
)

// The load: what a small wiki has on a busy day, from one reader and one writer who never tire.
const (
	readEvery = time.Second / 5
	editEvery = time.Second
	longest   = 10 * time.Minute // after which nothing more is asked, whatever the test does
)

// load asks a wiki, and only that, for pages, and writes some.
type load struct {
	wiki  *wiki
	begun time.Time
	stop  context.CancelFunc
	ended chan struct{} // closed when the last answer is there

	mu       sync.Mutex
	answers  []answer
	accepted map[string]string // texts of the pages whose edit was acknowledged, by title
}

// answer is what became of one request.
type answer struct {
	what   string
	at     time.Time // of the request
	took   time.Duration
	failed error
}

// startLoad begins a load that ends with the test at the latest.
func (w *wiki) startLoad(t *testing.T, name string) *load {
	t.Helper()
	ctx, stop := context.WithTimeout(t.Context(), longest)
	l := &load{wiki: w, begun: time.Now(), stop: stop, ended: make(chan struct{}), accepted: map[string]string{}}
	t.Cleanup(stop)
	go l.run(ctx, name, w.anonymous(), w.admin)
	// What happens next happens to a wiki that is being used.
	await.Success(t, "the load is on", func() error {
		if edits := len(l.texts()); edits == 0 {
			return errors.New("no edit yet")
		}
		return nil
	})
	return l
}

func (l *load) run(ctx context.Context, name string, reader, writer *mediawiki.Client) {
	defer close(l.ended)
	var asked sync.WaitGroup
	defer asked.Wait()
	reads, edits := time.NewTicker(readEvery), time.NewTicker(editEvery)
	defer reads.Stop()
	defer edits.Stop()
	// What has begun is not broken off when the load ends: it would count as failed.
	unbroken := context.WithoutCancel(ctx)
	for n := 0; ; n++ {
		select {
		case <-ctx.Done():
			return
		case <-reads.C:
			asked.Go(func() { l.read(unbroken, reader, n) })
		case <-edits.C:
			title := fmt.Sprintf("Load/%s/%d", name, n)
			asked.Go(func() { l.edit(unbroken, writer, title, fmt.Sprintf("Edit %d, %s.", n, time.Now())) })
		}
	}
}

// read asks for a page of each kind in turn: a text, a list that comes out of the database, the API.
func (l *load) read(ctx context.Context, reader *mediawiki.Client, n int) {
	title := []string{"Main Page", "Special:RecentChanges", "Special:AllPages"}[n%3]
	l.record("read "+title, func() error {
		_, err := reader.Page(ctx, title)
		return err
	})
}

func (l *load) edit(ctx context.Context, writer *mediawiki.Client, title, text string) {
	l.record("edit "+title, func() error {
		err := writer.Edit(ctx, title, text)
		if err == nil {
			l.mu.Lock()
			defer l.mu.Unlock()
			l.accepted[title] = text
		}
		return err
	})
}

func (l *load) record(what string, ask func() error) {
	at := time.Now()
	failed := ask()
	l.mu.Lock()
	defer l.mu.Unlock()
	l.answers = append(l.answers, answer{what: what, at: at, took: time.Since(at), failed: failed})
}

// texts are the acknowledged edits until now.
func (l *load) texts() map[string]string {
	l.mu.Lock()
	defer l.mu.Unlock()
	texts := make(map[string]string, len(l.accepted))
	for title, text := range l.accepted {
		texts[title] = text
	}
	return texts
}

// awaitServed waits until a read and an edit that began after a moment have succeeded, and returns when the later of them had.
func (l *load) awaitServed(t *testing.T, moment time.Time) time.Time {
	t.Helper()
	var served time.Time
	await.Success(t, "the wiki serves readers and writers", func() error {
		l.mu.Lock()
		defer l.mu.Unlock()
		done := map[string]time.Time{} // the first of each kind
		for _, a := range l.answers {
			if kind := a.what[:4]; a.failed == nil && a.at.After(moment) && done[kind].IsZero() {
				done[kind] = a.at.Add(a.took)
			}
		}
		if len(done) < 2 {
			return fmt.Errorf("only %d of a read and an edit have succeeded", len(done))
		}
		served = done["read"]
		if done["edit"].After(served) {
			served = done["edit"]
		}
		return nil
	})
	return served
}

// end waits for the last answers and checks that no acknowledged edit is missing. It returns the answers that were none.
func (l *load) end(t *testing.T) []answer {
	t.Helper()
	l.stop()
	<-l.ended
	require.Less(t, time.Since(l.begun), longest, "the load ended before the test")
	var failed []answer
	var slowest time.Duration
	for _, a := range l.answers {
		slowest = max(slowest, a.took)
		if a.failed != nil {
			failed = append(failed, a)
		}
	}
	t.Logf("%s: %d requests, %d failed, the slowest took %s; %d edits were acknowledged",
		time.Since(l.begun).Round(time.Second), len(l.answers), len(failed), slowest.Round(time.Millisecond), len(l.accepted))

	titles := make([]string, 0, len(l.accepted))
	for title := range l.accepted {
		titles = append(titles, title)
	}
	var texts map[string]string
	await.Success(t, "the edits can be read", func() (err error) {
		texts, err = l.wiki.admin.Texts(t.Context(), titles...)
		return err
	})
	assert.Equal(t, l.accepted, texts, "acknowledged edits")
	return failed
}

// endWithoutFailure is end for what readers and writers must not notice.
func (l *load) endWithoutFailure(t *testing.T) {
	t.Helper()
	for _, a := range l.end(t) {
		t.Errorf("%s, %s after the load began: %v (after %s)", a.what, a.at.Sub(l.begun).Round(time.Millisecond), a.failed, a.took)
	}
}
