package wiki

import (
	"context"
	"errors"
	"fmt"
	"net"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"mediawiki-stack/tests/internal/engine"
)

// TestSmallestProfile is about a wiki as a Raspberry Pi of 2 GB with an SD card has it.
func TestSmallestProfile(t *testing.T) {
	w := newWiki(t, "small", engine.Options{Settings: map[string]any{"profile": "pi-2g", "storage": "gentle", "keepData": false}})
	defer w.explain(t)
	w.up(t)
	t.Run("idle it holds 600 MiB at most", w.holdsLittle)
	t.Run("busy it stays within its memory", w.staysWithinItsMemory)
	t.Run("requests are not logged", func(t *testing.T) {
		for name, log := range w.Logs(t, webPods) {
			assert.NotContains(t, log, "GET /", name)
		}
	})
	t.Run("a MariaDB that is killed has every edit, though it writes less often", func(t *testing.T) {
		rows, err := w.query(t, w.login(), "SELECT @@innodb_flush_log_at_trx_commit, @@innodb_flush_log_at_timeout")
		require.NoError(t, err)
		require.Equal(t, [][]string{{"2", "5"}}, rows)
		w.databaseIsKilledUnderLoad(t)
	})
}

func (w *wiki) holdsLittle(t *testing.T) {
	holds, err := w.WorkingSet(t.Context())
	require.NoError(t, err)
	t.Logf("all containers hold %.0f MiB", holds)
	assert.Positive(t, holds)
	assert.LessOrEqual(t, holds, 600.0)
}

// staysWithinItsMemory has more users than there are workers save large pages and read them for a while, without a pause. Who waits too
// long gives up, and tries again.
func (w *wiki) staysWithinItsMemory(t *testing.T) {
	const users = 10 // at 2 workers in each of 2 Pods
	large := strings.Repeat("== Soup ==\n[[Lentils]], ''salt'' and '''[[water]]'''. <ref>A cook.</ref>\n\n", 2500)
	before := w.Restarts(t, "")
	ctx, stop := context.WithTimeout(t.Context(), points(20*time.Second, 2*time.Minute))
	defer stop()
	var busy sync.WaitGroup
	var saved, read, gaveUp atomic.Int64
	count := func(done *atomic.Int64, err error) {
		var late net.Error
		switch {
		case err == nil:
			done.Add(1)
		case errors.As(err, &late) && late.Timeout():
			gaveUp.Add(1)
		default:
			t.Error(err) // such as of a request that had too little memory
		}
	}
	for user := range users {
		title := fmt.Sprintf("Large/%d", user)
		busy.Go(func() {
			for n := 0; ctx.Err() == nil; n++ {
				count(&saved, w.admin.Edit(t.Context(), title, fmt.Sprint(large, n)))
				for _, page := range []string{title, "Special:RecentChanges"} {
					_, err := w.admin.Page(t.Context(), page)
					count(&read, err)
				}
			}
		})
	}
	busy.Wait()
	holds, err := w.WorkingSet(t.Context())
	require.NoError(t, err)
	t.Logf("%d pages of %d kB saved and %d read, %d given up; all containers hold %.0f MiB",
		saved.Load(), len(large)/1000, read.Load(), gaveUp.Load(), holds)
	assert.Equal(t, before, w.Restarts(t, ""), "containers started again, as one is that takes more than it may")
	assert.Positive(t, saved.Load())
	assert.Positive(t, read.Load())
	w.answers(t)
	w.works(t)
}
