package wiki

import (
	"errors"
	"fmt"
	"maps"
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"

	"github.com/mediawiki-stack/mediawiki-stack/tests/internal/await"
	"github.com/mediawiki-stack/mediawiki-stack/tests/internal/mariadb"
)

// twoDatabases gives each wiki that has its own database a second one. `make test-two-databases` sets it, for tests that replace the
// contents of the database, its accounts or its program.
var twoDatabases = os.Getenv("DATABASES") == "2"

// The Pods of the two databases.
const (
	firstDatabase  = "mediawiki-db-0"
	secondDatabase = "mediawiki-db2-0"
)

// withSecondDatabase returns the settings of a wiki with a second database.
func (w *wiki) withSecondDatabase(t *testing.T, settings map[string]any) map[string]any {
	t.Helper()
	if _, other := settings["database"]; other { // no database of its own
		return settings
	}
	w.replicated = true
	w.preferFirstNode(t)
	more := map[string]any{"database.replicas": 2}
	maps.Copy(more, settings)
	return more
}

// preferFirstNode makes the scheduler prefer the first node, so that only second databases, which cannot run there, run on other nodes.
// Tests connect to the first node, and a node forwards readers only to its own Pods.
func (w *wiki) preferFirstNode(t *testing.T) {
	t.Helper()
	nodes := w.Kube.CoreV1().Nodes()
	list, err := nodes.List(t.Context(), metav1.ListOptions{})
	require.NoError(t, err)
	require.Greater(t, len(list.Items), 1, "two databases need a cluster with two nodes; fix: make test-two-databases")
	patch := fmt.Appendf(nil, `{"spec":{"taints":[{"key":"second-databases","effect":%q}]}}`, corev1.TaintEffectPreferNoSchedule)
	for _, node := range list.Items[1:] {
		_, err = nodes.Patch(t.Context(), node.Name, types.StrategicMergePatchType, patch, metav1.PatchOptions{})
		require.NoError(t, err)
	}
}

// databasesAgree checks that the second database, if there is one, has replicated everything without an error, and that edits wait for it.
func (w *wiki) databasesAgree(t *testing.T) {
	t.Helper()
	if !w.replicated {
		return
	}
	await.Success(t, "the second database equals the first one", func() error {
		if leads, err := w.role(t, firstDatabase); err != nil || leads != "primary ON" {
			return errors.Join(err, fmt.Errorf("the first one is: %s", leads))
		}
		if follows, err := w.role(t, secondDatabase); err != nil || follows != "replica 0" {
			return errors.Join(err, fmt.Errorf("the second one is: %s", follows))
		}
		want, got := w.checksums(t, firstDatabase), w.checksums(t, secondDatabase)
		if want != got {
			return fmt.Errorf("the first one has %s, the second one %s", want, got)
		}
		return nil
	})
	for name, log := range w.Logs(t, "app=mediawiki-db2") {
		assert.NotContains(t, log, "replication has ended", name)
	}
	tables := strings.Split(strings.TrimSpace(w.checksums(t, secondDatabase)), "\n")
	t.Logf("both databases have the same %d tables, views and triggers", len(tables))
	assert.Greater(t, len(tables), 50)
}

// role returns what replicate.sh reports about a database.
func (w *wiki) role(t *testing.T, pod string) (string, error) {
	t.Helper()
	printed, err := w.Exec(t.Context(), pod, "replication", "", "bash", "/etc/mediawiki-stack/replicate.sh", "report")
	return strings.TrimSpace(printed), err
}

// checksums returns the checksum of each table of a database, and the definitions of its views and triggers.
func (w *wiki) checksums(t *testing.T, pod string) string {
	t.Helper()
	return w.asRootOf(t, pod, `SET SESSION group_concat_max_len = 1000000;
		SELECT CONCAT('CHECKSUM TABLE ', GROUP_CONCAT(table_schema, '.', table_name ORDER BY table_name)) INTO @checksums
			FROM information_schema.tables WHERE table_schema = 'my_wiki' AND table_type = 'BASE TABLE';
		EXECUTE IMMEDIATE @checksums;
		SELECT table_name, view_definition FROM information_schema.views WHERE table_schema = 'my_wiki' ORDER BY table_name;
		SELECT trigger_name, action_statement FROM information_schema.triggers WHERE trigger_schema = 'my_wiki' ORDER BY trigger_name`)
}

// backupComesFromReplica checks that a backup is dumped from the second database: a dump runs SHOW CREATE TABLE for each table.
func (w *wiki) backupComesFromReplica(t *testing.T) {
	asked := func(pod string) string {
		return w.asRootOf(t, pod, "SHOW GLOBAL STATUS LIKE 'Com_show_create_table'")
	}
	first, second := asked(firstDatabase), asked(secondDatabase)
	w.backUp(t)
	assert.Equal(t, first, asked(firstDatabase))
	assert.NotEqual(t, second, asked(secondDatabase))
}

// secondDatabaseKeepsCopy calls do, and checks that the second database does not copy the first one again meanwhile. It creates a table in
// the second database alone, which would be missing from a new copy.
func (w *wiki) secondDatabaseKeepsCopy(t *testing.T, do func()) {
	t.Helper()
	const unlogged = "SET SESSION sql_log_bin = 0; "
	w.asRootOf(t, secondDatabase, unlogged+"CREATE TABLE my_wiki.mark (x INT)")
	do()
	w.asRootOf(t, secondDatabase, unlogged+"DROP TABLE my_wiki.mark")
	w.databasesAgree(t)
}

func (w *wiki) databasesAreUpgraded(t *testing.T) {
	if !w.replicated {
		w.databaseIsUpgraded(t)
		return
	}
	w.secondDatabaseKeepsCopy(t, func() { w.databaseIsUpgraded(t) })
	assert.Contains(t, w.asRootOf(t, secondDatabase, "SELECT @@version"), "11.8.")
	assert.DirExists(t, w.volumeFolder(t, "mediawiki-db2")+"/stack/before-11.8/mysql", "copy of the data before the upgrade")
}

// passwordIsChangedOnBoth checks that the second database has the changed password, too.
func (w *wiki) passwordIsChangedOnBoth(t *testing.T) {
	old := w.login()
	w.secondDatabaseKeepsCopy(t, func() { w.passwordIsChanged(t) })
	service, err := w.Kube.CoreV1().Services(w.Name).Get(t.Context(), "mediawiki-db-replica", metav1.GetOptions{})
	require.NoError(t, err)
	login := w.login()
	login.Host, old.Host = service.Spec.ClusterIP, service.Spec.ClusterIP
	_, err = w.query(t, login, "SELECT 1")
	require.NoError(t, err, "the new password")
	_, err = w.query(t, old, "SELECT 1")
	require.ErrorContains(t, err, mariadb.AccessDenied, "the old password")
}
