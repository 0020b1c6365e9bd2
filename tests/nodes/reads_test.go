package nodes

import (
	"fmt"
	"strconv"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/mediawiki-stack/mediawiki-stack/tests/internal/await"
)

// slowPage lists the missing pages that links lead to. MediaWiki runs its query at each view, in the method slowQuery, and writes the name
// of the method into the query as a comment.
const (
	slowPage  = "Special:WantedPages"
	slowQuery = "reallyDoQuery"
)

// queries returns how many queries of one of MediaWiki's methods a database has logged.
func (d database) queries(t *testing.T, method string) int {
	t.Helper()
	// The two parts keep this query from finding itself.
	count, err := d.query(t, fmt.Sprintf("SELECT COUNT(*) FROM mysql.general_log WHERE argument LIKE CONCAT('%%%s', '%s%%')",
		method[:3], method[3:]))
	require.NoError(t, err)
	n, err := strconv.Atoi(count)
	require.NoError(t, err)
	return n
}

// logQueries makes databases log every query, or stop doing so.
func logQueries(t *testing.T, on bool, databases ...database) {
	t.Helper()
	state := map[bool]string{true: "ON", false: "OFF"}[on]
	for _, d := range databases {
		_, err := d.query(t, "SET GLOBAL general_log = "+state+"; SET GLOBAL log_output = 'TABLE'; TRUNCATE mysql.general_log")
		require.NoError(t, err)
	}
}

// slowReadsLeaveThePrimaryAlone shows which queries the replica answers: those of slow special pages and of XML dumps, as long as it is at
// most six seconds behind, and no others.
func (w *wiki) slowReadsLeaveThePrimaryAlone(t *testing.T) {
	w.awaitReplica(t)
	primary, replica := w.databases(t)
	logQueries(t, true, primary, replica)
	defer logQueries(t, false, primary, replica)
	reader := w.reader(w.entrance)

	require.NoError(t, w.admin.Edit(t.Context(), "Links", "[[A page that somebody wants]]"))
	_, err := reader.Page(t.Context(), "Special:BlankPage")
	require.NoError(t, err)
	for _, method := range []string{"WikiPage::", "RevisionStore::", "SqlBagOStuff::"} {
		assert.Positive(t, primary.queries(t, method), "queries of %s at the primary", method)
		assert.Zero(t, replica.queries(t, method), "queries of %s at the replica", method)
	}

	_, err = reader.Page(t.Context(), slowPage)
	require.NoError(t, err)
	assert.Positive(t, replica.queries(t, slowQuery))
	dump := w.dump(t)
	assert.Contains(t, dump, "A page that somebody wants")
	assert.Positive(t, replica.queries(t, "WikiExporter"))
	for _, method := range []string{slowQuery, "WikiExporter"} {
		assert.Zero(t, primary.queries(t, method), "queries of %s at the primary", method)
	}

	t.Run("a replica that is behind answers nothing", func(t *testing.T) { w.replicaIsBehind(t, primary, replica) })
}

// dump returns the wiki's pages as XML.
func (w *wiki) dump(t *testing.T) string {
	t.Helper()
	for _, pod := range w.AwaitReady(t, "app=mediawiki-jobs", 1) {
		dump, err := w.Exec(t.Context(), pod.Name, "jobs", "", "php", "maintenance/run.php", "dumpBackup", "--current", "--quiet")
		require.NoError(t, err)
		return dump
	}
	return ""
}

// lock keeps a database from applying what it receives, for as long as the file "locked" exists.
const lock = `touch /tmp/locked; {
	{
		echo 'FLUSH TABLES WITH READ LOCK;'
		while [[ -e /tmp/locked ]]; do sleep 1; done
	} | ` + asRoot + `
} >/dev/null 2>&1 &`

// replicaIsBehind blocks the replica while a page is edited, until MediaWiki sends its slow queries to the primary.
func (w *wiki) replicaIsBehind(t *testing.T, primary, replica database) {
	t.Helper()
	release := func() { require.NoError(t, replica.run(t, "mariadb", "rm -f /tmp/locked")) }
	defer release()
	require.NoError(t, replica.run(t, "mariadb", lock))
	reader, n := w.reader(w.entrance), 0
	answeredBy := func(d database) error {
		before := d.queries(t, slowQuery)
		page, err := reader.Page(t.Context(), slowPage)
		if err != nil {
			return err
		}
		assert.Contains(t, page, "A page that somebody wants")
		if d.queries(t, slowQuery) == before {
			return fmt.Errorf("%s has not answered the slow query after %d more edits", d.pod, n)
		}
		return nil
	}
	await.Success(t, "slow queries go to the primary", func() error {
		n++
		if err := w.admin.Edit(t.Context(), "Links", fmt.Sprintf("[[A page that somebody wants]] %d", n)); err != nil {
			return err
		}
		return answeredBy(primary)
	})
	release()
	w.awaitReplica(t)
	caughtUp := time.Now()
	await.Success(t, "slow queries go to the replica again", func() error { return answeredBy(replica) })
	t.Logf("the replica answers slow queries again %s after it has caught up", time.Since(caughtUp).Round(time.Second))
}
