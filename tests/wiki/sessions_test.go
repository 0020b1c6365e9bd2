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
	_, err := w.admin.Page(t.Context(), "Main Page")
	assert.ErrorContains(t, err, "status 500", "a user's page")
	assert.ErrorContains(t, w.admin.Edit(t.Context(), "Test card", "Without sessions."), "status 500", "an edit")
	_, err = w.stranger().Page(t.Context(), "Special:RecentChanges")
	assert.NoError(t, err, "a stranger's page")
	rename("elsewhere", "objectcache")
	w.works(t)
	said := ""
	for _, log := range w.Logs(t, webPods) {
		said += log
	}
	assert.Contains(t, said, "sessions cannot be read")
}
