package wiki

import (
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/mediawiki-stack/mediawiki-stack/internal/mediawiki"
	"github.com/mediawiki-stack/mediawiki-stack/tests/internal/engine"
	"github.com/mediawiki-stack/mediawiki-stack/tests/internal/secret"
)

// TestBackups takes backups of a wiki that is in use, destroys its contents and restores them.
func TestBackups(t *testing.T) {
	besideOthers(t, 5)
	w := newWiki(t, "backups", engine.Options{})
	defer w.Explain(t)
	w.up(t)
	thorough(t, "accounts of a wiki without pages are backed up before a restore", func(t *testing.T) {
		name := w.backUp(t)
		require.NoError(t, w.admin.CreateAccount(t.Context(), "Alice", secret.New()))
		require.NoError(t, w.restore(t, name))
		w.awaitAnswer(t)
		w.signIn(t)
		assert.Contains(t, w.listed(t), "before-restore-")
	})
	w.writeSharedContent(t)
	w.asRoot(t, "USE my_wiki; CREATE VIEW titles AS SELECT page_title FROM page; "+
		"CREATE TRIGGER t BEFORE INSERT ON page FOR EACH ROW SET NEW.page_len = NEW.page_len")
	chapter(t, t.Run("a backup taken while users edit is complete", w.backupUnderLoadIsComplete))
	t.Run("a drill proves a backup and reports it", w.drillProvesBackup)
	thorough(t, "a drill ends within seconds when its Pod is deleted", w.drillEndsSoon)
	thorough(t, "a failed backup leaves nothing that looks like a backup", w.failedBackupLeavesNoFiles)
	if w.replicated {
		t.Run("a backup is dumped from the second database", w.backupComesFromReplica)
	}
	chapter(t, t.Run("a restore brings back what was lost", w.backupIsRestored))
	w.databasesAgree(t)
	t.Run("a broken backup is refused before anything changes", w.brokenBackupIsRefused)
	thorough(t, "damage of a backup is found, named and repaired", w.damageIsFoundAndRepaired)
	thorough(t, "a wiki is restored whose upgrade was interrupted and whose dump is lost", w.isRestoredAfterALostDump)
	if soaking { // TestRemoteBackups does so from a copy
		t.Run("a backup is restored into another stack", w.isRestoredIntoAnotherStack)
	}
	w.databasesAgree(t)
}

// backUp takes a backup and returns its name.
func (w *wiki) backUp(t *testing.T) string {
	t.Helper()
	before := w.backupNames(t)
	operator, show := w.operator(t)
	require.NoError(t, operator.Backup(t.Context(), show))
	for _, name := range w.backupNames(t) {
		if !slices.Contains(before, name) {
			return name
		}
	}
	require.Fail(t, "no backup was created")
	return ""
}

func (w *wiki) restore(t *testing.T, name string) error {
	t.Helper()
	operator, show := w.operator(t)
	return operator.Restore(t.Context(), name, show)
}

// backupNames returns the names of the folders that are complete backups.
func (w *wiki) backupNames(t *testing.T) []string {
	t.Helper()
	manifests, err := filepath.Glob(w.volumeFolder(t, "mediawiki-backups") + "/*/manifest.json")
	require.NoError(t, err)
	names := make([]string, 0, len(manifests))
	for _, manifest := range manifests {
		names = append(names, filepath.Base(filepath.Dir(manifest)))
	}
	return names
}

func (w *wiki) backupUnderLoadIsComplete(t *testing.T) {
	l := w.startLoad(t, "backup")
	accepted := l.texts()
	name := w.backUp(t)
	l.endWithoutFailure(t)
	lost := w.contents(t) // edits after the backup are not in it
	require.NoError(t, w.restore(t, name))
	w.awaitAnswer(t)
	w.signIn(t)
	restored := w.contents(t)
	for name, value := range restored {
		assert.Equal(t, lost[name], value, name)
	}
	titles := make([]string, 0, len(accepted))
	for title := range accepted {
		titles = append(titles, title)
	}
	texts, err := w.admin.Texts(t.Context(), titles...)
	require.NoError(t, err)
	assert.Equal(t, accepted, texts, "edits acknowledged before the backup began")
}

func (w *wiki) failedBackupLeavesNoFiles(t *testing.T) {
	before := w.backupNames(t)
	operator, show := w.operator(t)
	for name, c := range map[string]struct {
		sabotage, repair func()
		want             string
	}{
		"the database is down": {
			func() { w.scale(t, "statefulsets", "mediawiki-db", 0); w.AwaitReady(t, databasePods, 0) },
			func() {
				w.scale(t, "statefulsets", "mediawiki-db", 1)
				w.AwaitReady(t, databasePods, 1)
				w.AwaitReady(t, webPods, replicas)
			},
			"cannot connect to the database",
		},
		"the volume is not writable": {
			func() { require.NoError(t, os.Chmod(w.volumeFolder(t, "mediawiki-backups"), 0o555)) },
			func() { require.NoError(t, os.Chmod(w.volumeFolder(t, "mediawiki-backups"), 0o777)) }, "ermission denied",
		},
	} {
		t.Run(name, func(t *testing.T) {
			c.sabotage()
			defer c.repair()
			err := operator.Backup(t.Context(), show)
			require.ErrorContains(t, err, "Backup failed; existing backups are unchanged")
			require.ErrorContains(t, err, c.want)
			assert.Equal(t, before, w.backupNames(t))
		})
	}
}

func (w *wiki) backupIsRestored(t *testing.T) {
	before := w.contents(t)
	name := w.backUp(t)
	again := w.backUp(t)
	sameFile := func(file string) bool {
		folder := w.volumeFolder(t, "mediawiki-backups")
		one, err := os.Stat(filepath.Join(folder, name, file))
		require.NoError(t, err)
		other, err := os.Stat(filepath.Join(folder, again, file))
		require.NoError(t, err)
		return os.SameFile(one, other)
	}
	uploads, err := filepath.Glob(filepath.Join(w.volumeFolder(t, "mediawiki-backups"), name, "uploads", "*", "*", "*"))
	require.NoError(t, err)
	require.NotEmpty(t, uploads)
	for _, upload := range uploads {
		file, err := filepath.Rel(filepath.Join(w.volumeFolder(t, "mediawiki-backups"), name), upload)
		require.NoError(t, err)
		assert.True(t, sameFile(file), "%s is stored once", file)
	}

	require.NoError(t, w.admin.Edit(t.Context(), "Main Page", "Spoiled."))
	require.NoError(t, w.admin.Upload(t.Context(), "Lentil_soup.png", dish(t, 1)))
	require.NoError(t, w.admin.Upload(t.Context(), "Too_much.png", dish(t, 2)))
	spoiled := w.contents(t)
	require.NotEqual(t, before, spoiled)
	require.Equal(t, "STORED", w.memcached(t, "set mark 0 0 1\r\nx"))

	w.addDefinersToDump(t, name)
	w.asRoot(t, "USE my_wiki; INSERT INTO mediawiki_stack SELECT CONCAT('revision:former', seq), '1.43.9', NOW() - INTERVAL 30 + seq DAY "+
		"FROM seq_1_to_12")
	require.NoError(t, w.restore(t, name))
	former := strings.Fields(w.asRoot(t, "SELECT name FROM my_wiki.mediawiki_stack WHERE name LIKE 'revision:former%'"))
	assert.Contains(t, former, "revision:former1", "a revision that a Pod may have")
	assert.NotContains(t, former, "revision:former12", "a revision that no Pod can have")
	w.awaitAnswer(t)
	w.signIn(t)
	assert.Equal(t, before, w.contents(t))
	assert.Equal(t, "END", w.memcached(t, "get mark"), "memcached was flushed after the restore")
	w.worksWithoutEdit(t)

	replaced := slices.DeleteFunc(w.backupNames(t), func(name string) bool { return !strings.HasPrefix(name, "before-restore-") })
	require.NotEmpty(t, replaced, "backups taken before a restore")
	require.NoError(t, w.restore(t, replaced[len(replaced)-1]))
	w.signIn(t)
	assert.Equal(t, spoiled, w.contents(t), "contents before the first restore")
	require.NoError(t, w.restore(t, name))
	w.signIn(t)
	assert.Equal(t, before, w.contents(t))
}

// addDefinersToDump adds views and triggers to a backup's dump, as older dumps had them. Only root may load them.
func (w *wiki) addDefinersToDump(t *testing.T, name string) {
	t.Helper()
	folder := filepath.Join(w.volumeFolder(t, "mediawiki-backups"), name)
	add := exec.CommandContext(t.Context(), "bash", "-ec", `
		cd "$0"
		zstd -dcq database.sql.zst | sed '/^-- Dump completed/d' > /dev/shm/dump.$$
		cat >> /dev/shm/dump.$$
		zstd -q < /dev/shm/dump.$$ > database.sql.zst
		rm /dev/shm/dump.$$
		sum=$(sha256sum database.sql.zst)
		bytes=$(stat -c %s database.sql.zst)
		sed -i "s/\"database.sql.zst\": \"[0-9a-f]*\"/\"database.sql.zst\": \"${sum%% *}\"/
			/\"database\"/,/}/s/\"bytes\": [0-9]*/\"bytes\": $bytes/" manifest.json`, folder)
	add.Stdin = strings.NewReader("/*!50001 CREATE VIEW `v` AS SELECT\n 1 AS `1` */;\nDELIMITER ;;\n" +
		"/*!50003 CREATE*/ /*!50017 DEFINER=`root`@`localhost`*/ /*!50003 TRIGGER t2 BEFORE INSERT ON page " +
		"FOR EACH ROW SET NEW.page_len = 1 */;;\nDELIMITER ;\n/*!50001 DROP VIEW IF EXISTS `v`*/;\n" +
		"/*!50001 CREATE ALGORITHM=UNDEFINED */\n/*!50013 DEFINER=`root`@`localhost` SQL SECURITY DEFINER */\n" +
		"/*!50001 VIEW `v` AS select 1 AS `1` */;\n-- Dump completed\n")
	printed, err := add.CombinedOutput()
	require.NoError(t, err, string(printed))
}

// worksWithoutEdit checks that pages are served and that the session is still valid, without editing.
func (w *wiki) worksWithoutEdit(t *testing.T) {
	t.Helper()
	_, err := w.admin.Page(t.Context(), "Main Page")
	require.NoError(t, err)
	user, err := w.admin.WhoAmI(t.Context())
	require.NoError(t, err)
	assert.Equal(t, w.outputs.AdminUser, user.Name)
}

// isRestoredIntoAnotherStack restores a backup of this wiki into a new stack.
func (w *wiki) isRestoredIntoAnotherStack(t *testing.T) {
	name := w.backUp(t)
	before := w.contents(t)
	other := newWiki(t, "restored", engine.Options{Settings: map[string]any{"replicas": 1}})
	defer other.Explain(t)
	other.up(t)
	from := filepath.Join(w.volumeFolder(t, "mediawiki-backups"), name)
	require.NoError(t, exec.CommandContext(t.Context(), "cp", "-a", from, other.volumeFolder(t, "mediawiki-backups")).Run())
	require.NoError(t, other.restore(t, name))
	other.admin = mediawiki.New(other.outputs.URL)
	require.NoError(t, other.admin.LogIn(t.Context(), w.outputs.AdminUser, w.outputs.AdminPassword), "users keep their passwords")
	assert.Equal(t, before, other.contents(t))
	assert.Empty(t, other.Preview(t, "--expect-no-changes").Changes)
}
