package wiki

import (
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/mediawiki-stack/mediawiki-stack/internal/mediawiki"
	"github.com/mediawiki-stack/mediawiki-stack/tests/internal/await"
)

// The load of a small wiki on a busy day: one reader and one writer at fixed rates.
const (
	readEvery = time.Second / 5
	editEvery = time.Second
	maxLoad   = 10 * time.Minute // the load stops after this time
	slow      = 5 * time.Second  // if a request takes longer, look records what it may wait for
)

// load reads and edits pages of a wiki in the background, and records every answer.
type load struct {
	wiki  *wiki
	begun time.Time
	stop  context.CancelFunc
	ended chan struct{} // closed after the last answer

	looked   sync.Once
	mu       sync.Mutex
	seen     string // what the machine and MariaDB did while the first slow request waited
	answers  []answer
	accepted map[string]string // acknowledged texts by title
}

// answer is the result of one request.
type answer struct {
	what   string
	at     time.Time // when the request was sent
	took   time.Duration
	failed error
}

// startLoad starts a load and waits for its first edit. The load ends with the test at the latest.
func (w *wiki) startLoad(t *testing.T, name string) *load {
	t.Helper()
	ctx, stop := context.WithTimeout(t.Context(), maxLoad)
	l := &load{wiki: w, begun: time.Now(), stop: stop, ended: make(chan struct{}), accepted: map[string]string{}}
	t.Cleanup(stop)
	go l.run(ctx, name, w.anonymous(), w.admin)
	await.Success(t, "the load has started", func() error {
		if edits := len(l.texts()); edits == 0 {
			return errors.New("no edit yet")
		}
		return nil
	})
	return l
}

func (l *load) run(ctx context.Context, name string, reader, writer *mediawiki.Client) {
	defer close(l.ended)
	var requests sync.WaitGroup
	defer requests.Wait()
	reads, edits := time.NewTicker(readEvery), time.NewTicker(editEvery)
	defer reads.Stop()
	defer edits.Stop()
	// Do not cancel running requests when the load ends: they would count as failed.
	requestCtx := context.WithoutCancel(ctx)
	for n := 0; ; n++ {
		select {
		case <-ctx.Done():
			return
		case <-reads.C:
			requests.Go(func() { l.read(requestCtx, reader, n) })
		case <-edits.C:
			title := fmt.Sprintf("Load/%s/%d", name, n)
			requests.Go(func() { l.edit(requestCtx, writer, title, fmt.Sprintf("Edit %d, %s.", n, time.Now())) })
		}
	}
}

// read requests one of three kinds of pages in turn: an article, recent changes, and one that no cache has.
func (l *load) read(ctx context.Context, reader *mediawiki.Client, n int) {
	title := []string{"Main Page", "Special:RecentChanges", "Special:Statistics"}[n%3]
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

// record runs a request and adds its answer.
func (l *load) record(what string, request func() error) {
	at := time.Now()
	watch := time.AfterFunc(slow, func() { l.looked.Do(l.look) })
	failed := request()
	watch.Stop()
	l.mu.Lock()
	defer l.mu.Unlock()
	l.answers = append(l.answers, answer{what: what, at: at, took: time.Since(at), failed: failed})
}

// look notes what a slow request may wait for: the processor, the disk, a lock of the database, or a cache that missed a change.
func (l *load) look() {
	seen := fmt.Sprintf("%s after the load started:", time.Since(l.begun).Round(time.Millisecond))
	for _, resource := range []string{"cpu", "io", "memory"} {
		pressure, err := os.ReadFile("/proc/pressure/" + resource)
		seen += fmt.Sprintf("\npressure on %s: %s %v", resource, pressure, err)
	}
	ctx, cancel := context.WithTimeout(context.Background(), slow)
	defer cancel()
	queries, err := l.wiki.Exec(ctx, "mediawiki-db-0", "mariadb",
		"SHOW FULL PROCESSLIST; SELECT * FROM mediawiki_stack WHERE name LIKE 'cache:%'", "bash", "-c",
		"MYSQL_PWD=$(</var/lib/mediawiki-stack/root-password) mariadb -u root my_wiki")
	l.mu.Lock()
	defer l.mu.Unlock()
	l.seen = fmt.Sprintf("%s\nqueries: %v\n%s", seen, err, queries)
}

// logSlowFetches logs what the caches that still run did for slow requests: whether they waited for a Pod, for its answer or for the
// reader.
func (l *load) logSlowFetches(t *testing.T) {
	t.Helper()
	for _, pod := range l.wiki.Pods(t, cachePods) {
		log, err := l.wiki.Exec(t.Context(), pod.Name, "varnish", "", "varnishlog", "-n", "/var/lib/varnish/wiki", "-d", "-g", "request",
			"-q", fmt.Sprintf("Timestamp:Resp[2] > %g", slow.Seconds()),
			"-i", "Begin,ReqURL,BereqURL,BackendOpen,FetchError,Timestamp,RespStatus")
		t.Logf("slow requests of %s: %v\n%s", pod.Name, err, log)
	}
}

// texts returns the edits acknowledged so far.
func (l *load) texts() map[string]string {
	l.mu.Lock()
	defer l.mu.Unlock()
	texts := make(map[string]string, len(l.accepted))
	for title, text := range l.accepted {
		texts[title] = text
	}
	return texts
}

// awaitServed waits until a read and an edit that were sent after the given time have succeeded, and returns when the later one succeeded.
func (l *load) awaitServed(t *testing.T, moment time.Time) time.Time {
	t.Helper()
	var served time.Time
	await.Success(t, "the wiki serves readers and writers", func() error {
		l.mu.Lock()
		defer l.mu.Unlock()
		done := map[string]time.Time{} // the first success of each kind
		for _, a := range l.answers {
			if kind := a.what[:4]; a.failed == nil && a.at.After(moment) && done[kind].IsZero() {
				done[kind] = a.at.Add(a.took)
			}
		}
		if len(done) < 2 {
			return fmt.Errorf("%d of 2 kinds of requests have succeeded", len(done))
		}
		served = done["read"]
		if done["edit"].After(served) {
			served = done["edit"]
		}
		return nil
	})
	return served
}

// end stops the load, waits for the last answers and checks that no acknowledged edit is missing. It returns the failed answers.
func (l *load) end(t *testing.T) []answer {
	t.Helper()
	l.stop()
	<-l.ended
	require.Less(t, time.Since(l.begun), maxLoad, "the load ended before the test")
	failed := slices.DeleteFunc(slices.Clone(l.answers), func(a answer) bool { return a.failed == nil })
	t.Logf("%s: %d requests, %d failed; %d edits were acknowledged",
		time.Since(l.begun).Round(time.Second), len(l.answers), len(failed), len(l.accepted))
	for _, kind := range []string{"edit", "read Main Page", "read Special:RecentChanges", "read Special:Statistics"} {
		t.Log(kind + ": " + l.times(kind))
	}
	l.mu.Lock()
	seen := l.seen
	l.mu.Unlock()
	if seen != "" {
		t.Logf("the first request that took more than %s, %s", slow, seen)
		l.logSlowFetches(t)
	}

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

// times describes how long the answers of a kind took.
func (l *load) times(kind string) string {
	var times []time.Duration
	var slowest answer
	for _, a := range l.answers {
		if !strings.HasPrefix(a.what, kind) {
			continue
		}
		times = append(times, a.took)
		if a.took > slowest.took {
			slowest = a
		}
	}
	if len(times) == 0 {
		return "no answer"
	}
	slices.Sort(times)
	return fmt.Sprintf("median %s, slowest %s, sent %s after the load started", times[len(times)/2].Round(time.Millisecond),
		slowest.took.Round(time.Millisecond), slowest.at.Sub(l.begun).Round(time.Millisecond))
}

// endWithoutFailure is like end, but also fails the test if any request failed.
func (l *load) endWithoutFailure(t *testing.T) {
	t.Helper()
	for _, a := range l.end(t) {
		t.Errorf("%s, sent %s after the load started: %v (after %s)", a.what, a.at.Sub(l.begun).Round(time.Millisecond), a.failed, a.took)
	}
}
