package recipe

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/mediawiki-stack/mediawiki-stack/tests/internal/mariadb"
)

func TestMediaWikiConnectsToMariaDBWithTheSecret(t *testing.T) {
	wiki.scale(t, replicas)
	login := wiki.login(t)
	assert.Equal(t, "wikiuser", login.User)
	assert.Equal(t, "my_wiki", login.Database)
	assert.Equal(t, wiki.DatabaseUser, login.User)
	assert.Equal(t, wiki.DatabaseName, login.Database)
	assert.GreaterOrEqual(t, len(login.Password), 16, "length of the password")
	if login.Password != wiki.Password { // assert.Equal would print them
		t.Error("the stack's output is not the password in the Secret")
	}

	for _, pod := range wiki.pods(t) {
		rows, err := wiki.query(t.Context(), pod.Name, login, "SELECT DATABASE(), SUBSTRING_INDEX(CURRENT_USER(), '@', 1), VERSION()")
		require.NoError(t, err)
		require.Len(t, rows, 1)
		assert.Equal(t, []string{"my_wiki", "wikiuser"}, rows[0][:2])
		assert.Contains(t, rows[0][2], "11.8.")
		t.Logf("MariaDB %s", rows[0][2])
	}
}

func TestWrongPasswordIsRefused(t *testing.T) {
	wiki.scale(t, replicas)
	for _, pod := range wiki.pods(t) {
		for _, wrong := range []string{"example", "", wiki.login(t).Password + "x"} {
			login := wiki.login(t)
			login.Password = wrong
			_, err := wiki.query(t.Context(), pod.Name, login, "SELECT 1")
			require.ErrorContains(t, err, mariadb.AccessDenied)
		}
	}
}

// Compose and the article have MYSQL_RANDOM_ROOT_PASSWORD: 'yes'.
func TestRootPasswordIsRandomInEachPod(t *testing.T) {
	wiki.scale(t, replicas)
	pods := wiki.pods(t)
	for i, pod := range pods {
		for j, other := range pods {
			password, err := wiki.rootPassword(t.Context(), other.Name)
			require.NoError(t, err)
			_, err = wiki.query(t.Context(), pod.Name, mariadb.Login{Host: databaseHost, User: "root", Password: password}, "SELECT 1")
			if i == j {
				require.NoError(t, err, "root with the password of Pod %s", other.Name)
			} else {
				require.ErrorContains(t, err, mariadb.AccessDenied, "root with another Pod's password")
			}
		}
		_, err := wiki.query(t.Context(), pod.Name, mariadb.Login{Host: databaseHost, User: "root"}, "SELECT 1")
		require.ErrorContains(t, err, mariadb.AccessDenied, "root without a password")
	}
}
