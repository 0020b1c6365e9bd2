package wiki

import (
	"maps"
	"os"
	"slices"
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

// turns bounds how many wikis there are at a time. Each takes about a gibibyte of memory.
var turns = make(chan struct{}, 3)

// besideOthers runs a test side by side with others. Such a test neither stops the node nor measures anything.
func besideOthers(t *testing.T) {
	t.Helper()
	t.Parallel()
	takeTurn(t)
	node.Share(t)
}

// besideOthersFromTheStart is like besideOthers, for tests that take long: they are the first.
func besideOthersFromTheStart(t *testing.T) {
	t.Helper()
	takeTurn(t)
	t.Parallel()
	node.Share(t)
}

func takeTurn(t *testing.T) {
	t.Helper()
	turns <- struct{}{}
	t.Cleanup(func() { <-turns })
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
