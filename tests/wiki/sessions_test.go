package wiki

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// unreadableSessionsHaveNotEnded takes away the table that sessions are in, and nothing else. Users are told of the fault, and not that
// their session has ended.
func (w *wiki) unreadableSessionsHaveNotEnded(t *testing.T) {
	rename := func(from, to string) {
		_, err := w.Exec(t.Context(), "mediawiki-db-0", "mariadb", "RENAME TABLE "+from+" TO "+to+";\n", "bash", "-c",
			"MYSQL_PWD=$(</var/lib/mediawiki-stack/root-password) mariadb -u root my_wiki")
		require.NoError(t, err)
	}
	rename("objectcache", "elsewhere")
	_, viewing := w.admin.Page(t.Context(), "Main Page")
	saving := w.admin.Edit(t.Context(), "Test card", "Without sessions.")
	_, reading := w.anonymous().Page(t.Context(), "Special:RecentChanges")
	rename("elsewhere", "objectcache")
	require.ErrorContains(t, viewing, "status 500", "a user's page")
	require.ErrorContains(t, saving, "status 500", "an edit")
	require.NoError(t, reading, "a stranger's page")
	w.works(t)
	said := ""
	for _, log := range w.Logs(t, webPods) {
		said += log
	}
	assert.Contains(t, said, "sessions cannot be read")
}
