package wiki

import (
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/mediawiki-stack/mediawiki-stack/tests/internal/mediawiki"
	"github.com/mediawiki-stack/mediawiki-stack/tests/internal/secret"
)

// replicas of the default stack.
const replicas = 2

// logIn starts another session of the administrator, by way of the Service.
func (w *wiki) logIn(t *testing.T) *mediawiki.Client {
	t.Helper()
	client := w.anonymous()
	require.NoError(t, client.LogIn(t.Context(), w.outputs.AdminUser, w.outputs.AdminPassword))
	return client
}

// writeSharedContent writes what every replica has to have from now on.
func (w *wiki) writeSharedContent(t *testing.T) {
	t.Helper()
	require.NoError(t, w.admin.Edit(t.Context(), "Agreed", "Each replica has this."))
	require.NoError(t, w.admin.Upload(t.Context(), "Agreed.png", picture(t)))
}

// replicasAgree asks each web Pod on its own for the page, for the upload, and who it takes the session's
// user for; and has a session that begins at one Pod go on at every other.
func (w *wiki) replicasAgree(t *testing.T, session *mediawiki.Client) {
	original, thumbnail, err := w.admin.File(t.Context(), "Agreed.png", 200)
	require.NoError(t, err)
	small, err := download(t.Context(), w.admin, thumbnail)
	require.NoError(t, err)

	ways := make([]*mediawiki.Client, 0, replicas)
	fresh := w.anonymous()
	for name := range w.AwaitReady(t, webPods, replicas) {
		way := w.Forward(t, name, webPort)
		ways = append(ways, fresh.WithDial(way))

		here := session.WithDial(way)
		user, err := here.WhoAmI(t.Context())
		require.NoError(t, err)
		assert.Equal(t, w.outputs.AdminUser, user.Name, "the session's user at %s", name)
		assert.Contains(t, user.Groups, "sysop")

		page, err := here.Page(t.Context(), "Agreed")
		require.NoError(t, err)
		assert.Contains(t, page, "Each replica has this.", "page at %s", name)
		upload, err := download(t.Context(), here, original)
		require.NoError(t, err)
		assert.Equal(t, picture(t), upload, "upload at %s", name)
		reduced, err := download(t.Context(), here, thumbnail)
		require.NoError(t, err)
		assert.Equal(t, small, reduced, "thumbnail at %s", name)
	}
	require.NoError(t, ways[0].LogIn(t.Context(), w.outputs.AdminUser, w.outputs.AdminPassword))
	for _, way := range ways {
		user, err := way.WhoAmI(t.Context())
		require.NoError(t, err)
		assert.Equal(t, w.outputs.AdminUser, user.Name, "a session that began at the first Pod")
	}
}

// messagesAreConsistent changes a text of the interface, and asks each web Pod, which remembers such texts, for a page that has it.
func (w *wiki) messagesAreConsistent(t *testing.T) {
	for range 3 {
		text := "About " + secret.New()
		require.NoError(t, w.admin.Edit(t.Context(), "MediaWiki:Aboutsite", text))
		for name := range w.ReadyPods(t, webPods) {
			page, err := w.admin.WithDial(w.Forward(t, name, webPort)).Page(t.Context(), "Agreed")
			require.NoError(t, err)
			assert.Contains(t, page, text, "what %s has at the foot of a page", name)
		}
	}
}

// classesArePreloaded compares what the migration says it rendered pages with, and what each web Pod was told to preload.
func (w *wiki) classesArePreloaded(t *testing.T) {
	said := regexp.MustCompile(`pages are rendered, with (\d{3,}) files preloaded`)
	var found []string
	for _, log := range w.Logs(t, migrationPods) {
		if match := said.FindStringSubmatch(log); match != nil {
			found = append(found, match[1])
		}
	}
	require.Len(t, found, 1, "migrations that say so")
	for name := range w.AwaitReady(t, webPods, replicas) {
		files, err := w.Exec(t.Context(), name, webContainer, "", "grep", "-c", "^/var/www/html/", "/tmp/preload")
		require.NoError(t, err)
		assert.Equal(t, found[0], strings.TrimSpace(files), "files that %s preloads", name)
	}
}
