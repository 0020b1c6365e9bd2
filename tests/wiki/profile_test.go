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
	"github.com/mediawiki-stack/mediawiki-stack/internal/choices"
	"github.com/mediawiki-stack/mediawiki-stack/internal/mediawiki"
	"github.com/mediawiki-stack/mediawiki-stack/internal/sizes"
	"github.com/mediawiki-stack/mediawiki-stack/tests/internal/engine"
)

// TestSmallestProfile deploys a wiki sized for a Raspberry Pi with 2 GB of memory and an SD card.
func TestSmallestProfile(t *testing.T) {
	leaveToTestAll(t)
	w := newWiki(t, "small", engine.Options{Settings: map[string]any{"profile": "pi-2g", "storage": "gentle", "keepData": false}})
	defer w.Explain(t)
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

// TestLargerProfiles puts a load on every other profile. It runs in `make soak` only, because the smallest profile has the least to spare.
func TestLargerProfiles(t *testing.T) {
	if !soaking {
		return
	}
	for _, profile := range choices.Profiles {
		if profile == components.ProfilePi2G {
			continue
		}
		t.Run(profile, func(t *testing.T) {
			w := newWiki(t, profile, engine.Options{Settings: map[string]any{"profile": profile, "keepData": false}})
			defer w.Explain(t)
			w.up(t)
			w.staysWithinItsMemory(t, profile)
		})
	}
}

func (w *wiki) idleMemoryIsSmall(t *testing.T) {
	used, err := w.WorkingSet(t.Context())
	require.NoError(t, err)
	t.Logf("all containers use %.0f MiB", used)
	assert.Positive(t, used)
	assert.LessOrEqual(t, used, 600.0)
}

// staysWithinItsMemory saves and reads large pages without a pause, with twice as many users as there are workers. The users have long
// timeouts, because the work takes long on two processors, and the test is about memory. They accept a 503 from a cache and continue.
func (w *wiki) staysWithinItsMemory(t *testing.T, profile string) {
	users := 2 * replicas * sizes.Profiles[profile].Workers
	large := strings.Repeat("== Soup ==\n[[Lentils]], ''salt'' and '''[[water]]'''. <ref>A cook.</ref>\n\n", 2500)
	patient := w.admin.WithTimeout(2 * time.Minute)
	title := func(user int) string { return fmt.Sprintf("Large/%d", user) }
	for user := range users { // so that a page exists even if saving it times out
		require.NoError(t, w.admin.Edit(t.Context(), title(user), "It will be large."))
	}
	restarts, ready := w.Restarts(t, ""), w.ReadySince(t, "")
	ctx, stop := context.WithTimeout(t.Context(), points(20*time.Second, 20*time.Second, time.Minute))
	defer stop()
	var busy sync.WaitGroup
	var saved, read, timedOut, rejected atomic.Int64
	count := func(done *atomic.Int64, err error) {
		var late net.Error
		var refused *mediawiki.StatusError
		switch {
		case err == nil:
			done.Add(1)
		case errors.As(err, &late) && late.Timeout():
			timedOut.Add(1)
		case errors.As(err, &refused) && refused.Status == http.StatusServiceUnavailable:
			rejected.Add(1)
		default:
			t.Error(err) // for example, a request that ran out of memory
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
	used, err := w.WorkingSet(t.Context())
	require.NoError(t, err)
	t.Logf("%d users: %d pages of %d kB saved and %d read, %d timed out, %d rejected; all containers use %.0f MiB",
		users, saved.Load(), len(large)/1000, read.Load(), timedOut.Load(), rejected.Load(), used)
	assert.Equal(t, restarts, w.Restarts(t, ""), "restarts, as after an out-of-memory kill")
	assert.Equal(t, ready, w.ReadySince(t, ""), "times since which Pods are ready")
	if profile != components.ProfileLarge { // has more users than two Pods' queues hold
		assert.Zero(t, rejected.Load(), "rejected requests")
	}
	assert.Positive(t, saved.Load())
	assert.Positive(t, read.Load())
	w.awaitAnswer(t)
	w.works(t)
}
