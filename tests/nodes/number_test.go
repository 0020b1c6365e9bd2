package nodes

import (
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// firstDatabase is the Pod of the first database, which is the only one of a wiki without a replica.
const firstDatabase = "mediawiki-db-0"

// chapter stops the test unless a subtest passed. Use it where later subtests depend on this one.
func chapter(t *testing.T, passed bool) {
	t.Helper()
	if !passed {
		t.FailNow()
	}
}

// hasDatabases changes the number of databases while people read and edit. MariaDB restarts once, so that some requests fail.
func (w *wiki) hasDatabases(t *testing.T, number int) {
	t.Helper()
	l := w.startLoad(t, w.entrance)
	wait(t, usual/2)
	w.SetValue(t, "database.replicas", number)
	begun := time.Now()
	w.Up(t)
	t.Logf("%d databases: up took %s", number, time.Since(begun).Round(time.Second))
	if number == 2 {
		w.awaitReplica(t)
		t.Logf("the replica was up to date %s after the beginning of up", time.Since(begun).Round(time.Second))
	}
	wait(t, usual/2)
	requests := l.end()
	for kind := range rates {
		from, to := failing(between(requests, kind, begun, time.Now()))
		t.Logf("%s: failed for %s", kind, to.Sub(from).Round(time.Second/10))
		assert.LessOrEqual(t, to.Sub(from), restarts[kind], kind)
	}
	w.hasAcknowledged(t, l)
}

// restarts is how long requests may fail because MariaDB restarts.
var restarts = map[kind]time.Duration{cached: 0, uncached: time.Minute, edits: time.Minute}

// failing returns when the first of the requests that failed was sent, and when the last one of them had failed.
func failing(requests []request) (from, to time.Time) {
	for _, r := range requests {
		if r.failed == nil {
			continue
		}
		if from.IsZero() || r.at.Before(from) {
			from = r.at
		}
		if end := r.at.Add(r.took); end.After(to) {
			to = end
		}
	}
	return from, to
}

// revisions returns how many revisions of a page the wiki's database has.
func (w *wiki) revisions(t *testing.T, title string) int {
	t.Helper()
	service, err := w.Kube.CoreV1().Services(w.Name).Get(t.Context(), "mediawiki-db", metav1.GetOptions{})
	require.NoError(t, err)
	primary := database{w: w, pod: service.Spec.Selector["app"] + "-0"}
	count, err := primary.query(t, "SELECT COUNT(*) FROM revision JOIN page ON rev_page = page_id WHERE page_title = '"+
		strings.ReplaceAll(title, " ", "_")+"'")
	require.NoError(t, err)
	number, err := strconv.Atoi(count)
	require.NoError(t, err)
	return number
}
