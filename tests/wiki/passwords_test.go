package wiki

import (
	"context"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/mediawiki-stack/mediawiki-stack/tests/internal/kube"
	"github.com/mediawiki-stack/mediawiki-stack/tests/internal/mariadb"
	"github.com/mediawiki-stack/mediawiki-stack/tests/internal/secret"
)

// query runs a statement from a web Pod, as the given database account.
func (w *wiki) query(t *testing.T, login mariadb.Login, statement string) ([][]string, error) {
	t.Helper()
	pod := kube.Names(w.AwaitReady(t, webPods, replicas))[0]
	return mariadb.Query(t.Context(), func(ctx context.Context, stdin string, command ...string) (string, error) {
		return w.Exec(ctx, pod, webContainer, stdin, command...)
	}, login, statement)
}

func (w *wiki) login() mariadb.Login {
	return mariadb.Login{
		Host: w.outputs.DatabaseHost, User: w.outputs.DatabaseUser, Password: w.outputs.DatabasePassword, Database: w.outputs.DatabaseName,
	}
}

// passwordIsChanged changes the password of MediaWiki's database account.
func (w *wiki) passwordIsChanged(t *testing.T) {
	old := w.login()
	_, err := w.query(t, old, "SELECT 1")
	require.NoError(t, err, "the old password, before")
	w.SetSecret(t, "databasePassword", secret.New())
	w.up(t)
	w.works(t)
	_, err = w.query(t, w.login(), "SELECT 1")
	require.NoError(t, err, "the new password")
	_, err = w.query(t, old, "SELECT 1")
	require.ErrorContains(t, err, mariadb.AccessDenied, "the old password, after")
	assert.Empty(t, w.Preview(t, "--expect-no-changes").Changes)
}

// accountsAreConfined checks what an intruder in a web Pod cannot do to the database.
func (w *wiki) accountsAreConfined(t *testing.T) {
	for _, statement := range []string{"CREATE TABLE soup (spoon INT)", "DROP TABLE page", "ALTER TABLE page ADD spoon INT"} {
		_, err := w.query(t, w.login(), statement)
		require.ErrorContains(t, err, mariadb.CommandDenied, statement)
	}
	rows, err := w.query(t, w.login(), "SHOW DATABASES")
	require.NoError(t, err)
	assert.ElementsMatch(t, [][]string{{"information_schema"}, {w.outputs.DatabaseName}}, rows)
	for _, password := range []string{"", w.outputs.DatabasePassword, w.outputs.AdminPassword} {
		root := w.login()
		root.User, root.Password = "root", password
		_, err := w.query(t, root, "SELECT 1")
		require.Error(t, err, "root from outside MariaDB's Pod")
	}
}

// databaseTakesAllWorkers compares MariaDB's connection limit with the connections of old and new Pods during a rollout.
func (w *wiki) databaseTakesAllWorkers(t *testing.T) {
	rows, err := w.query(t, w.login(), "SELECT @@max_connections")
	require.NoError(t, err)
	connections, err := strconv.Atoi(rows[0][0])
	require.NoError(t, err)

	pod := kube.Names(w.ReadyPods(t, webPods))[0]
	text, err := w.Exec(t.Context(), pod, webContainer, "", "printenv", "MEDIAWIKI_WORKERS")
	require.NoError(t, err)
	workers, err := strconv.Atoi(strings.TrimSpace(text))
	require.NoError(t, err)
	const others = 10 // job runners, migrations, operators
	assert.GreaterOrEqual(t, connections, 2*replicas*workers+others)
}
