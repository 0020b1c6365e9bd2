package wiki

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// unreadableSessionsHaveNotEnded renames the table of sessions for a moment. Users must get an error and must not be logged out.
func (w *wiki) unreadableSessionsHaveNotEnded(t *testing.T) {
	rename := func(from, to string) {
		_, err := w.Exec(t.Context(), "mediawiki-db-0", "mariadb", "RENAME TABLE "+from+" TO "+to+";\n", "bash", "-c",
			"MYSQL_PWD=$(</var/lib/mediawiki-stack/root-password) mariadb -u root my_wiki")
		require.NoError(t, err)
	}
	rename("objectcache", "elsewhere")
	_, viewing := w.admin.Page(t.Context(), "Main Page")
	saving := w.admin.Edit(t.Context(), "Test card", "Without sessions.")
	_, reading := w.anonymous().Page(t.Context(), "Special:Statistics")
	rename("elsewhere", "objectcache")
	require.ErrorContains(t, viewing, "status 500", "a user's page")
	require.ErrorContains(t, saving, "status 500", "an edit")
	require.NoError(t, reading, "an anonymous reader's page")
	w.works(t)
	assert.Contains(t, fmt.Sprint(w.Logs(t, webPods)), "sessions cannot be read")
}
