package nodes

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/mediawiki-stack/mediawiki-stack/tests/internal/await"
)

// insert writes rows into the search index until the file "writing" is deleted, and then creates the file "written". No page has their
// numbers.
const insert = `rm -f /tmp/written; touch /tmp/writing; {
	for ((n = 1000000; ; n++)); do
		[[ -e /tmp/writing ]] || break
		echo "INSERT INTO searchindex (si_page, si_title, si_text) VALUES ($n, 'x', 'x');"
	done | ` + asRoot + ` && touch /tmp/written
} >/dev/null 2>&1 &`

// copyIsExact makes the replica copy the primary again while rows are written into the search index. That table has no transactions, so a
// dump contains some rows that were written after the position that the dump begins with.
func (w *wiki) copyIsExact(t *testing.T) {
	primary, replica := w.databases(t)
	// Writes must not wait until the copy is complete.
	_, err := primary.query(t, "SET GLOBAL rpl_semi_sync_master_timeout = 1")
	require.NoError(t, err)
	require.NoError(t, primary.run(t, "mariadb", insert))
	require.NoError(t, replica.run(t, "mariadb", "truncate --size=0 /var/lib/mediawiki-stack/replica"))
	await.Success(t, "the copy is complete", func() error {
		return replica.run(t, "mariadb", "test -s /var/lib/mediawiki-stack/replica")
	})
	require.NoError(t, primary.run(t, "mariadb", "rm /tmp/writing"))
	await.Success(t, "all rows are written", func() error { return primary.run(t, "mariadb", "test -e /tmp/written") })
	_, err = primary.query(t, "SET GLOBAL rpl_semi_sync_master_timeout = 10000") // the default of database.replicaTimeout
	require.NoError(t, err)
	w.awaitReplica(t)
	const rows = "SELECT COUNT(*), MAX(si_page) FROM searchindex WHERE si_page >= 1000000"
	want, err := primary.query(t, rows)
	require.NoError(t, err)
	got, err := replica.query(t, rows)
	require.NoError(t, err)
	assert.Equal(t, want, got)
	t.Logf("rows in the search index, and the last one: %s", strings.Fields(want))
	pod := "statefulset.kubernetes.io/pod-name=" + replica.pod
	assert.Zero(t, w.logged(t, pod, "replication has ended"))
	_, err = primary.query(t, "DELETE FROM searchindex WHERE si_page >= 1000000")
	require.NoError(t, err)
}
