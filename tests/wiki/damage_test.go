package wiki

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/mediawiki-stack/mediawiki-stack/internal/doctor"
	"github.com/mediawiki-stack/mediawiki-stack/tests/internal/storage"
)

// damageIsFoundAndRepaired damages the newest backup in several ways. No later backup may inherit the damage, and each command reports it.
func (w *wiki) damageIsFoundAndRepaired(t *testing.T) {
	operator, show := w.operator(t)
	backups, before := w.volumeFolder(t, "mediawiki-backups"), w.contents(t)

	rotten := w.backUp(t)
	uploads, err := filepath.Glob(filepath.Join(backups, rotten, "uploads", "?", "??", "*"))
	require.NoError(t, err)
	require.NotEmpty(t, uploads)
	rot(t, uploads[0])
	require.ErrorContains(t, operator.Drill(t.Context(), rotten, show), rotten+" is damaged: uploads/")
	newest := w.backUp(t)
	require.NoError(t, operator.Drill(t.Context(), "", show))
	assert.FileExists(t, filepath.Join(backups, newest, "proven"))
	require.NoError(t, operator.Drill(t.Context(), rotten, show), "the backup that was damaged")

	rot(t, filepath.Join(backups, newest, "database.sql.zst"))
	err = operator.Drill(t.Context(), "", show)
	require.ErrorContains(t, err, newest+" is damaged: database.sql.zst")
	require.ErrorContains(t, err, "The newest backup that can be restored is "+rotten)
	err = w.restore(t, newest)
	require.ErrorContains(t, err, newest+" is damaged: database.sql.zst")
	require.ErrorContains(t, err, "The newest backup without known damage is "+rotten+", proven 20")
	require.ErrorContains(t, w.restore(t, ""), newest+" is damaged: ", "the newest backup, and not silently an older one")

	require.NoError(t, os.Remove(filepath.Join(backups, newest, "uploads.sha256")))
	assert.Contains(t, w.listed(t), newest+" is damaged: ")
	var named bool
	for _, finding := range w.examine(t) {
		if finding.About == "backups" && strings.Contains(finding.What, "damaged backups: ") {
			named = strings.Contains(finding.What, newest)
			assert.Equal(t, doctor.Warning, finding.Level)
		}
	}
	assert.True(t, named, "the doctor names the damaged backup")

	good := w.backUp(t)
	require.NoError(t, operator.Drill(t.Context(), "", show))
	manifests := map[string]string{"incomplete": `{"format":1}`, "of a later format": `{"format":2}`, "empty": ""}
	for _, what := range cases(1, manifests) {
		t.Run("a manifest that is "+what, func(t *testing.T) {
			forge(t, filepath.Join(backups, good, "manifest.json"), `(?s)^.+$`, manifests[what])
			require.ErrorContains(t, w.restore(t, ""), good+" is ")
			require.ErrorContains(t, operator.Drill(t.Context(), "", show), good+" is ")
			assert.Contains(t, w.listed(t), good+" is ")
		})
	}
	assert.Equal(t, before, w.contents(t))
}

// rot flips a bit of a file, and keeps the file's size and modification time.
func rot(t *testing.T, path string) {
	t.Helper()
	info, err := os.Stat(path)
	require.NoError(t, err)
	file, err := os.OpenFile(path, os.O_RDWR, 0)
	require.NoError(t, err)
	defer file.Close()
	last := make([]byte, 1)
	_, err = file.ReadAt(last, info.Size()-1)
	require.NoError(t, err)
	last[0] ^= 1
	_, err = file.WriteAt(last, info.Size()-1)
	require.NoError(t, err)
	require.NoError(t, os.Chtimes(path, info.ModTime(), info.ModTime()))
}

// isRestoredAfterALostDump restores a wiki whose upgrade was interrupted, although the dump from before the upgrade is missing.
func (w *wiki) isRestoredAfterALostDump(t *testing.T) {
	name, before := w.backUp(t), w.contents(t)
	w.asRoot(t, `USE my_wiki; REPLACE INTO mediawiki_stack `+
		`SELECT 'upgrade', CONCAT('{"from":"1.43.9","to":"1.44.0","dump":"/backups/none","schema":"', value, '"}'), NOW() `+
		`FROM mediawiki_stack WHERE name = 'schema'; `+
		`UPDATE mediawiki_stack SET value = '' WHERE name = 'schema'`)
	operator, show := w.operator(t)
	require.ErrorContains(t, operator.Backup(t.Context(), show), "one that is being upgraded")
	require.NoError(t, w.restore(t, name))
	w.awaitAnswer(t)
	w.signIn(t)
	assert.Equal(t, before, w.contents(t))
	assert.Contains(t, w.listed(t), "before-restore-")
}

// copyReplacesDamage damages the dump of the newest backup, and restores the backup from its copy on the server.
func (w *wiki) copyReplacesDamage(t *testing.T, server *storage.S3) {
	name, before := w.backUp(t), w.contents(t)
	dump := filepath.Join(w.volumeFolder(t, "mediawiki-backups"), name, "database.sql.zst")
	whole, err := os.ReadFile(dump)
	require.NoError(t, err)
	rot(t, dump)
	err = w.restore(t, "")
	require.ErrorContains(t, err, name+" is damaged: database.sql.zst")
	require.ErrorContains(t, err, "A copy of it is at "+repositoryURL(server)+": run the same command again")
	require.NoError(t, w.restore(t, ""))
	w.awaitAnswer(t)
	w.signIn(t)
	assert.Equal(t, before, w.contents(t))
	fetched, err := os.ReadFile(dump)
	require.NoError(t, err)
	assert.Equal(t, whole, fetched, "the dump on the volume")
}
