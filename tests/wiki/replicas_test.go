package wiki

import (
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/mediawiki-stack/mediawiki-stack/internal/mediawiki"
	"github.com/mediawiki-stack/mediawiki-stack/tests/internal/secret"
)

// replicas is the default number of web Pods.
const replicas = 2

// logIn starts another session of the administrator.
func (w *wiki) logIn(t *testing.T) *mediawiki.Client {
	t.Helper()
	client := w.anonymous()
	require.NoError(t, client.LogIn(t.Context(), w.outputs.AdminUser, w.outputs.AdminPassword))
	return client
}

// writeSharedContent writes a page and a file that every replica must serve from now on.
func (w *wiki) writeSharedContent(t *testing.T) {
	t.Helper()
	require.NoError(t, w.admin.Edit(t.Context(), "Agreed", "Each replica has this."))
	require.NoError(t, w.admin.Upload(t.Context(), "Agreed.png", picture(t)))
}

// replicasAgree requests the page, the upload and the session's user from each web Pod. It also starts a session at one Pod and continues
// it at every other.
func (w *wiki) replicasAgree(t *testing.T, session *mediawiki.Client) {
	original, thumbnail, err := w.admin.File(t.Context(), "Agreed.png", 200)
	require.NoError(t, err)
	small, err := download(t.Context(), w.admin, thumbnail)
	require.NoError(t, err)

	clients := make([]*mediawiki.Client, 0, replicas)
	fresh := w.anonymous()
	for name := range w.AwaitReady(t, webPods, replicas) {
		dial := w.Forward(t, name, webPort)
		clients = append(clients, fresh.WithDial(dial))

		local := session.WithDial(dial)
		user, err := local.WhoAmI(t.Context())
		require.NoError(t, err)
		assert.Equal(t, w.outputs.AdminUser, user.Name, "the session's user at %s", name)
		assert.Contains(t, user.Groups, "sysop")

		page, err := local.Page(t.Context(), "Agreed")
		require.NoError(t, err)
		assert.Contains(t, page, "Each replica has this.", "page at %s", name)
		upload, err := download(t.Context(), local, original)
		require.NoError(t, err)
		assert.Equal(t, picture(t), upload, "upload at %s", name)
		reduced, err := download(t.Context(), local, thumbnail)
		require.NoError(t, err)
		assert.Equal(t, small, reduced, "thumbnail at %s", name)
	}
	require.NoError(t, clients[0].LogIn(t.Context(), w.outputs.AdminUser, w.outputs.AdminPassword))
	for _, client := range clients {
		user, err := client.WhoAmI(t.Context())
		require.NoError(t, err)
		assert.Equal(t, w.outputs.AdminUser, user.Name, "user of a session that started at the first Pod")
	}
}

// messagesAreConsistent changes an interface message and checks a page with it at each web Pod, since web Pods cache messages in memory.
func (w *wiki) messagesAreConsistent(t *testing.T) {
	for range 3 {
		text := "About " + secret.New()
		require.NoError(t, w.admin.Edit(t.Context(), "MediaWiki:Aboutsite", text))
		for name := range w.ReadyPods(t, webPods) {
			page, err := w.admin.WithDial(w.Forward(t, name, webPort)).Page(t.Context(), "Agreed")
			require.NoError(t, err)
			assert.Contains(t, page, text, "footer of a page from %s", name)
		}
	}
}

// classesArePreloaded compares the number of files that the migration tested with the number that each web Pod preloads.
func (w *wiki) classesArePreloaded(t *testing.T) {
	pattern := regexp.MustCompile(`rendered pages with (\d{3,}) preloaded files`)
	var found []string
	for _, log := range w.Logs(t, migrationPods) {
		if match := pattern.FindStringSubmatch(log); match != nil {
			found = append(found, match[1])
		}
	}
	require.Len(t, found, 1, "migrations that log it")
	for name := range w.AwaitReady(t, webPods, replicas) {
		files, err := w.Exec(t.Context(), name, webContainer, "", "grep", "-c", "^/var/www/html/", "/tmp/preload")
		require.NoError(t, err)
		assert.Equal(t, found[0], strings.TrimSpace(files), "files that %s preloads", name)
	}
}
