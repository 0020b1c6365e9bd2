package wiki

import (
	"maps"
	"os"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/mediawiki-stack/mediawiki-stack/tests/internal/engine"
	"github.com/mediawiki-stack/mediawiki-stack/tests/internal/node"
)

func TestMain(m *testing.M) { engine.Main(m, "test-wiki") }

// soaking reports whether `make soak` runs the tests. `make test` sets -short, and `make test-all` neither.
var soaking = os.Getenv("SOAK") != ""

// points returns how much of something a test does: least in `make test`, more in `make test-all`, most in `make soak`.
func points[T int | time.Duration](short, all, soak T) T {
	switch {
	case soaking:
		return soak
	case testing.Short():
		return short
	default:
		return all
	}
}

// besideOthers runs a test side by side with others. Such a test neither stops the node nor measures anything. minutes is about how long
// it takes in `make test`: the longest tests are the first, so that none is left alone at the end.
func besideOthers(t *testing.T, minutes int) {
	t.Helper()
	turns.register(minutes)
	t.Parallel()
	turns.take(minutes)
	t.Cleanup(turns.leave)
	node.Share(t)
}

// turns bounds how many wikis there are at a time. Each takes about a gibibyte of memory.
var turns = newQueue(4)

// queue lets a number of tests run at a time, the longest first.
type queue struct {
	sync.Mutex

	changed *sync.Cond
	free    int
	waiting []int // durations of the tests that wait, in minutes
}

func newQueue(free int) *queue {
	q := &queue{free: free}
	q.changed = sync.NewCond(q)
	return q
}

// register is called for all tests before the first of them takes its turn.
func (q *queue) register(minutes int) {
	q.Lock()
	defer q.Unlock()
	q.waiting = append(q.waiting, minutes)
}

func (q *queue) take(minutes int) {
	q.Lock()
	defer q.Unlock()
	for q.free == 0 || minutes < slices.Max(q.waiting) {
		q.changed.Wait()
	}
	q.free--
	mine := slices.Index(q.waiting, minutes)
	q.waiting = slices.Delete(q.waiting, mine, mine+1)
	q.changed.Broadcast()
}

func (q *queue) leave() {
	q.Lock()
	defer q.Unlock()
	q.free++
	q.changed.Broadcast()
}

// cases returns the names of a table's cases in alphabetical order. In `make test` it returns only as many as short says, spread over the
// table, because the others are of the same kind.
func cases[C any](short int, table map[string]C) []string {
	names := slices.Sorted(maps.Keys(table))
	if !testing.Short() || len(names) <= short {
		return names
	}
	few := make([]string, short)
	for i := range few {
		few[i] = names[i*len(names)/short]
	}
	return few
}

// thorough runs a chapter that `make test` leaves to `make test-all`, because another chapter or test covers the same kind of fault.
func thorough(t *testing.T, name string, f func(*testing.T)) {
	t.Helper()
	if !testing.Short() {
		t.Run(name, f)
	}
}

// leaveToTestAll skips a test in `make test`.
func leaveToTestAll(t *testing.T) {
	t.Helper()
	if testing.Short() {
		t.Skip("make test-all runs it")
	}
}
