package wiki

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/mediawiki-stack/mediawiki-stack/components"
	"github.com/mediawiki-stack/mediawiki-stack/tests/internal/engine"
	"github.com/mediawiki-stack/mediawiki-stack/tests/internal/mediawiki"
)

// TestSmallestProfile is about a wiki as a Raspberry Pi of 2 GB with an SD card has it.
func TestSmallestProfile(t *testing.T) {
	leaveToTestAll(t)
	w := newWiki(t, "small", engine.Options{Settings: map[string]any{"profile": "pi-2g", "storage": "gentle", "keepData": false}})
	defer w.explain(t)
	w.up(t)
	t.Run("an idle wiki uses 600 MiB at most", w.idleMemoryIsSmall)
	t.Run("a busy wiki stays ready and within its memory", func(t *testing.T) { w.staysWithinItsMemory(t, components.ProfilePi2G) })
	t.Run("requests are not logged", func(t *testing.T) {
		for name, log := range w.Logs(t, webPods) {
			assert.NotContains(t, log, "GET /", name)
		}
	})
	t.Run("a killed MariaDB has every edit, although it writes less often", func(t *testing.T) {
		rows, err := w.query(t, w.login(), "SELECT @@innodb_flush_log_at_trx_commit, @@innodb_flush_log_at_timeout")
		require.NoError(t, err)
		require.Equal(t, [][]string{{"2", "5"}}, rows)
		w.databaseIsKilledUnderLoad(t)
	})
}

// TestLargerProfiles has each of them busy. The smallest, which has the least to spare, stands for them where there is less time.
func TestLargerProfiles(t *testing.T) {
	if !soaking {
		return
	}
	for _, profile := range components.ProfileNames {
		if profile == components.ProfilePi2G {
			continue
		}
		t.Run(profile, func(t *testing.T) {
			w := newWiki(t, profile, engine.Options{Settings: map[string]any{"profile": profile, "keepData": false}})
			defer w.explain(t)
			w.up(t)
			w.staysWithinItsMemory(t, profile)
		})
	}
}

func (w *wiki) idleMemoryIsSmall(t *testing.T) {
	holds, err := w.WorkingSet(t.Context())
	require.NoError(t, err)
	t.Logf("all containers hold %.0f MiB", holds)
	assert.Positive(t, holds)
	assert.LessOrEqual(t, holds, 600.0)
}

// staysWithinItsMemory has twice as many users as there are workers save large pages and read them for a while, without a pause. They are
// patient: what is about memory is work that is done at once, and on two processors a lot of it takes long. Who is told by a cache to
// come back later does.
func (w *wiki) staysWithinItsMemory(t *testing.T, profile string) {
	users := 2 * replicas * components.Profiles[profile].Workers
	large := strings.Repeat("== Soup ==\n[[Lentils]], ''salt'' and '''[[water]]'''. <ref>A cook.</ref>\n\n", 2500)
	patient := w.admin.WithTimeout(2 * time.Minute)
	title := func(user int) string { return fmt.Sprintf("Large/%d", user) }
	for user := range users { // so that who gives up saving finds a page all the same
		require.NoError(t, w.admin.Edit(t.Context(), title(user), "It will be large."))
	}
	restarts, ready := w.Restarts(t, ""), w.ReadySince(t, "")
	ctx, stop := context.WithTimeout(t.Context(), points(20*time.Second, 20*time.Second, time.Minute))
	defer stop()
	var busy sync.WaitGroup
	var saved, read, gaveUp, turnedAway atomic.Int64
	count := func(done *atomic.Int64, err error) {
		var late net.Error
		var refused *mediawiki.StatusError
		switch {
		case err == nil:
			done.Add(1)
		case errors.As(err, &late) && late.Timeout():
			gaveUp.Add(1)
		case errors.As(err, &refused) && refused.Status == http.StatusServiceUnavailable:
			turnedAway.Add(1)
		default:
			t.Error(err) // such as of a request that had too little memory
		}
	}
	for user := range users {
		busy.Go(func() {
			for n := 0; ctx.Err() == nil; n++ {
				count(&saved, patient.Edit(t.Context(), title(user), fmt.Sprint(large, n)))
				for _, page := range []string{title(user), "Special:RecentChanges"} {
					if ctx.Err() == nil {
						_, err := patient.Page(t.Context(), page)
						count(&read, err)
					}
				}
			}
		})
	}
	busy.Wait()
	holds, err := w.WorkingSet(t.Context())
	require.NoError(t, err)
	t.Logf("%d users: %d pages of %d kB saved and %d read, %d given up, %d turned away; all containers hold %.0f MiB",
		users, saved.Load(), len(large)/1000, read.Load(), gaveUp.Load(), turnedAway.Load(), holds)
	assert.Equal(t, restarts, w.Restarts(t, ""), "containers started again, as one is that takes more than it may")
	assert.Equal(t, ready, w.ReadySince(t, ""), "Pods that were taken from their users")
	if profile != components.ProfileLarge { // of which more come than two Pods' queues hold
		assert.Zero(t, turnedAway.Load(), "requests that were turned away")
	}
	assert.Positive(t, saved.Load())
	assert.Positive(t, read.Load())
	w.awaitAnswer(t)
	w.works(t)
}
