package nodes

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	corev1 "k8s.io/api/core/v1"

	"github.com/mediawiki-stack/mediawiki-stack/internal/operate"
	"github.com/mediawiki-stack/mediawiki-stack/tests/internal/await"
)

// backWithin is how soon after `wiki promote` edits are possible again.
const backWithin = time.Minute

// TestPromotion promotes the replica of a database.
func TestPromotion(t *testing.T) {
	w := newWiki(t, "promotion", map[string]any{"database.replicas": 1})
	defer w.explain(t)
	chapter(t, t.Run("a second database is added to a wiki in use", func(t *testing.T) { w.hasDatabases(t, 2) }))
	t.Run("the databases are on two nodes, and each edit is on both", w.editsAreReplicated)
	t.Run("slow reads go to the replica, and no others", w.slowReadsLeaveThePrimaryAlone)
	t.Run("a promotion by plan loses nothing, and an update keeps it", w.promotedByPlan)
	t.Run("a replica that is lost delays edits once, and catches up", w.replicaIsLost)
	t.Run("a replica whose node is lost holds edits up once, and no reads", w.replicasNodeIsLost)
	t.Run("two databases that are killed at once come back with every edit", w.bothAreKilled)
	t.Run("a copy is exact although tables without transactions change", w.copyIsExact)
	t.Run("a promotion that is refused leaves the primary open", w.refusedPromotionChangesNothing)
	t.Run("a primary whose node is lost is replaced without losing an edit, and comes back as the replica", w.primaryIsLost)
	t.Run("the second database is taken away and added again, while the wiki is in use", func(t *testing.T) {
		if primary, _ := w.databases(t); primary.pod != firstDatabase {
			require.NoError(t, w.promote(t))
			w.awaitReplica(t)
		}
		w.hasDatabases(t, 1)
		w.hasDatabases(t, 2)
	})
}

// awaitReplica waits until the replica has what the primary has, and edits wait for it.
func (w *wiki) awaitReplica(t *testing.T) {
	t.Helper()
	const waits = "SELECT variable_value FROM information_schema.global_status WHERE variable_name = 'Rpl_semi_sync_master_status'"
	await.Success(t, "the replica is up to date", func() error {
		primary, replica := w.databases(t)
		on, err := primary.query(t, waits)
		if err != nil || on != "ON" {
			return errors.Join(err, fmt.Errorf("semi-synchronous replication is %q", on))
		}
		want, err := primary.query(t, "SELECT MAX(rev_id) FROM revision")
		if err != nil {
			return err
		}
		if got, err := replica.query(t, "SELECT MAX(rev_id) FROM revision"); err != nil || got != want {
			return errors.Join(err, fmt.Errorf("the replica has revision %s of %s", got, want))
		}
		return replica.readOnly(t)
	})
}

func (w *wiki) editsAreReplicated(t *testing.T) {
	primary, replica := w.databases(t)
	assert.NotEqual(t, primary.node, replica.node)
	require.NoError(t, w.admin.Edit(t.Context(), edited, "This is version 0."))
	w.awaitReplica(t)
	w.AwaitReady(t, "app in (mediawiki-db,mediawiki-db2)", 2)
}

// promote runs `wiki promote`.
func (w *wiki) promote(t *testing.T) error {
	t.Helper()
	operator := &operate.Wiki{Client: w.Kube, Exec: operate.ExecWith(w.Config), Namespace: w.Name, Name: "mediawiki"}
	return operator.Promote(t.Context(), false, func(line string) { t.Log(line) })
}

func (w *wiki) promotedByPlan(t *testing.T) {
	before, _ := w.databases(t)
	l := w.startLoad(t, w.entrance)
	wait(t, 10*time.Second)
	begun := time.Now()
	require.NoError(t, w.promote(t))
	w.awaitEdit(t, l, begun)
	primary, replica := w.databases(t)
	assert.Equal(t, before.pod, replica.pod)
	w.awaitReplica(t)
	requests := l.end()
	w.hasAcknowledged(t, l)
	for _, r := range requests {
		if r.kind != edits {
			assert.NoError(t, r.failed, "%s, sent at %s", r.kind, r.at) //nolint:testifylint // the others are of interest, too
		}
	}
	w.Up(t)
	after, _ := w.databases(t)
	assert.Equal(t, primary.pod, after.pod, "an update keeps the promotion")
}

// awaitEdit waits until an edit that was sent after a time has been acknowledged.
func (w *wiki) awaitEdit(t *testing.T, l *load, since time.Time) {
	t.Helper()
	least := l.acknowledged() + 1
	await.Success(t, "an edit is acknowledged", func() error {
		if version := l.acknowledged(); version < least {
			return fmt.Errorf("the last one was version %d", version)
		}
		return nil
	})
	took := time.Since(since)
	t.Logf("edits were acknowledged %s after the command", took.Round(time.Second/10))
	assert.Less(t, took, backWithin)
}

// hasAcknowledged checks that every version that was acknowledged is in the history of the edited page.
func (w *wiki) hasAcknowledged(t *testing.T, l *load) {
	t.Helper()
	versions := w.revisions(t, edited)
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, r := range l.requests {
		if r.kind == edits && r.failed == nil {
			w.edits++
		}
	}
	t.Logf("%d edits were acknowledged, the page has %d revisions", w.edits, versions)
	assert.GreaterOrEqual(t, versions, w.edits, "0 acknowledged edits are lost")
}

func (w *wiki) replicaIsLost(t *testing.T) {
	_, replica := w.databases(t)
	failed := func() int { return w.logged(t, "app=mediawiki-jobs", "DBQueryDisconnectedError") }
	before := failed()
	w.DeletePod(t, replica.pod)
	begun := time.Now()
	_, err := w.reader(w.entrance).Page(t.Context(), slowPage)
	require.NoError(t, err)
	t.Logf("a page of a slow query took %s", time.Since(begun).Round(time.Millisecond))
	for n := range 5 {
		begun := time.Now()
		require.NoError(t, w.admin.Edit(t.Context(), edited, fmt.Sprintf("Without a replica, %d.", n)))
		w.edits++
		t.Logf("an edit took %s", time.Since(begun).Round(time.Millisecond))
		assert.Less(t, time.Since(begun), 20*time.Second)
	}
	w.awaitReplica(t)
	assert.Equal(t, before, failed(), "jobs that the loss of the replica has failed")
}

func (w *wiki) primaryIsLost(t *testing.T) {
	if primary, _ := w.databases(t); primary.node == w.entrance { // the API server is there
		require.NoError(t, w.promote(t))
		w.awaitReplica(t)
	}
	primary, _ := w.databases(t)
	beside := w.beside(t, primary.node)
	opened := func() int {
		return w.logged(t, "statefulset.kubernetes.io/pod-name="+primary.pod, "this server is the primary")
	}
	before := opened()
	l := w.startLoad(t, w.entrance)
	wait(t, usual)
	cable(t, primary.node, "down")
	t.Cleanup(func() { cable(t, primary.node, "up") })
	await.Success(t, "Kubernetes notices", func() error { return w.readiness(t, primary.node, corev1.ConditionUnknown) })
	begun := time.Now()
	require.NoError(t, w.promote(t))
	w.awaitEdit(t, l, begun)
	w.refusesEdits(t, beside)
	cable(t, primary.node, "up")
	require.NoError(t, backClosed(t, primary))
	wait(t, usual)
	w.awaitReplica(t)
	l.end()
	w.hasAcknowledged(t, l)
	_, replica := w.databases(t)
	assert.Equal(t, primary.pod, replica.pod, "the old primary is the replica")
	assert.Equal(t, before, opened(), "how often the old primary has opened itself")
	assert.Equal(t, 1, w.revisions(t, cutOff), "the edit before the node was cut off")
}

// backClosed checks that a database whose node is back refuses edits from its first answer on.
func backClosed(t *testing.T, d database) error {
	t.Helper()
	var closed error
	await.Success(t, d.pod+" answers", func() error {
		answer, err := d.query(t, "SELECT @@read_only")
		if err == nil && answer != "1" {
			closed = fmt.Errorf("%s accepts edits", d.pod)
		}
		return err
	})
	return closed
}
