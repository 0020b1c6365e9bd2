package wiki

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/mediawiki-stack/mediawiki-stack/internal/doctor"
	"github.com/mediawiki-stack/mediawiki-stack/internal/mediawiki"
	"github.com/mediawiki-stack/mediawiki-stack/tests/internal/engine"
	"github.com/mediawiki-stack/mediawiki-stack/tests/internal/process"
	"github.com/mediawiki-stack/mediawiki-stack/tests/internal/secret"
	"github.com/mediawiki-stack/mediawiki-stack/tests/internal/storage"
)

// TestRemoteBackups copies backups of a wiki to a server outside the cluster, and restores a new wiki from them.
func TestRemoteBackups(t *testing.T) {
	besideOthers(t, 5)
	w := newWiki(t, "copied", engine.Options{Settings: map[string]any{"replicas": 1, "backups.keep": 2}})
	defer w.Explain(t)
	server := storage.NewS3(t, w.Config)
	w.setCopyTarget(t, server)
	w.up(t)
	w.writeSharedContent(t)
	chapter(t, t.Run("a backup is copied, and the copy is encrypted", func(t *testing.T) { w.backupIsCopied(t, server) }))
	thorough(t, "a failed copy fails the Job and leaves the backup good", func(t *testing.T) { w.copyFails(t, server) })
	thorough(t, "a lock left by a killed Pod does not block the next backup", func(t *testing.T) { w.copyIsKilled(t, server) })
	thorough(t, "the newest backup is the one made last, even if the clock was wrong", func(t *testing.T) { w.clockWasAhead(t, server) })
	thorough(t, "a damaged backup is restored from its copy", func(t *testing.T) { w.copyReplacesDamage(t, server) })

	before := w.contents(t)
	other := newWiki(t, "elsewhere", engine.Options{Settings: map[string]any{"replicas": 1, "backups.restoreFrom": "latest"}})
	defer other.Explain(t)
	other.setCopyTarget(t, server)
	other.outputs, other.master = w.outputs, w.master
	chapter(t, t.Run("a new wiki refuses copies that it cannot decrypt", other.refusesUnreadableCopies))
	chapter(t, t.Run("a new wiki is restored from the newest copy", func(t *testing.T) { other.isRestoredFromCopy(t, before) }))
	thorough(t, "two wikis on one host do not end each other's sessions", func(t *testing.T) { w.sharesAHostWith(t, other) })
	if soaking { // S3 covers the common code
		t.Run("backups are copied to SFTP", other.backupIsCopiedToSFTP)
	}
}

// sharesAHostWith logs in to both wikis with one browser. Their addresses differ only in the port, which cookies ignore.
func (w *wiki) sharesAHostWith(t *testing.T, other *wiki) {
	here := w.logIn(t)
	there := here.At(other.outputs.URL)
	require.NoError(t, there.LogIn(t.Context(), other.outputs.AdminUser, other.outputs.AdminPassword))
	for _, client := range []*mediawiki.Client{here, there} {
		user, err := client.WhoAmI(t.Context())
		require.NoError(t, err)
		assert.Contains(t, user.Groups, "sysop", "groups of the user at %s", client.URL)
	}
}

// repositoryURL returns the address of the repository that all wikis of a test share.
func repositoryURL(server *storage.S3) string {
	return "s3:" + server.URL + "/" + server.Bucket + "/wiki"
}

// setCopyTarget makes the wiki copy its backups to the server.
func (w *wiki) setCopyTarget(t *testing.T, server *storage.S3) {
	t.Helper()
	w.Set(t, "backups.remote", repositoryURL(server))
	w.Set(t, "backups.remoteKey", server.Key)
	w.SetSecret(t, "remoteSecret", server.Secret)
}

func (w *wiki) backupIsCopied(t *testing.T, server *storage.S3) {
	name := w.backUp(t)
	all := server.Everything(t)
	//nolint:testifylint // Contains would print everything
	require.True(t, strings.Contains(all, server.Bucket+"/wiki/data/"), "the bucket is not empty")
	for _, readable := range []string{
		"Each replica has this", "Agreed", "uploads", "manifest", "CREATE TABLE", "my_wiki", name, string(picture(t)),
	} {
		//nolint:testifylint // NotContains would print everything
		assert.False(t, strings.Contains(all, readable), "%.20q is readable in the bucket", readable)
	}
	assert.Contains(t, w.listed(t), "at "+repositoryURL(server)+": "+name)
	w.Everything(t, func(kind string, object map[string]any) {
		if text, err := json.Marshal(object); kind != "Secret" && assert.NoError(t, err) {
			secret.AssertHidden(t, kind, string(text), []string{server.Secret})
		}
	})
}

// listed returns the operator's list of backups.
func (w *wiki) listed(t *testing.T) string {
	t.Helper()
	operator, _ := w.operator(t)
	var lines []string
	require.NoError(t, operator.Backups(t.Context(), func(line string) { lines = append(lines, line) }))
	return strings.Join(lines, "\n")
}

func (w *wiki) copyFails(t *testing.T, server *storage.S3) {
	before := w.backupNames(t)
	server.Stop(t)
	defer server.Start(t)
	operator, show := w.operator(t)
	err := operator.Backup(t.Context(), show)
	require.ErrorContains(t, err, "The backup is good, but copying it to "+repositoryURL(server)+" failed: ")
	require.ErrorContains(t, err, "connection refused", "the reason")
	assert.NotEqual(t, before, w.backupNames(t), "backups on the volume")
}

// copyIsKilled kills a backup's Pod while restic holds a lock on the repository.
func (w *wiki) copyIsKilled(t *testing.T, server *storage.S3) {
	// restic may remove its lock just before it is killed.
	for tries := 0; len(server.Objects(t, "wiki/locks")) == 0; tries++ {
		require.Less(t, tries, 5, "copies that ended before they were killed")
		w.killCopy(t, server)
	}
	name := w.backUp(t)
	assert.Contains(t, w.listed(t), "at "+repositoryURL(server)+": "+name)
	assert.Empty(t, server.Objects(t, "wiki/locks"))
}

// killCopy kills a backup's Pod when its copy has a lock.
func (w *wiki) killCopy(t *testing.T, server *storage.S3) {
	t.Helper()
	operator, show := w.operator(t)
	ended := make(chan error, 1)
	go func() { ended <- operator.Backup(t.Context(), show) }()
	for locks := []string{}; len(locks) == 0; locks = server.Objects(t, "wiki/locks") {
		select {
		case err := <-ended:
			require.Fail(t, "the backup ended before it could be killed", "%v", err)
		case <-time.After(10 * time.Millisecond):
		}
	}
	for _, pod := range w.Pods(t, backupPods) {
		require.NoError(t, process.Kill(process.OfPod(pod.UID)))
	}
	require.ErrorContains(t, <-ended, "run the same command again")
}

// clockWasAhead fills the volume with as many backups as are kept, all named after future times.
func (w *wiki) clockWasAhead(t *testing.T, server *storage.S3) {
	name, folder := w.backUp(t), w.volumeFolder(t, "mediawiki-backups")
	for i, future := range []string{"20990101T000000Z", "20990102T000000Z"} {
		require.NoError(t, exec.CommandContext(t.Context(), "cp", "-a", filepath.Join(folder, name), filepath.Join(folder, future)).Run())
		manifest := filepath.Join(folder, future, "manifest.json")
		text, err := os.ReadFile(manifest)
		require.NoError(t, err)
		var facts map[string]any
		require.NoError(t, json.Unmarshal(text, &facts))
		facts["number"] = facts["number"].(float64) + 1 + float64(i)
		text, err = json.Marshal(facts)
		require.NoError(t, err)
		require.NoError(t, os.WriteFile(manifest, text, 0o600))
	}
	newest := w.backUp(t)
	assert.ElementsMatch(t, []string{newest, "20990102T000000Z"}, w.backupNames(t), "the two backups made last")
	lines := strings.Split(w.listed(t), "\n")
	assert.Contains(t, lines[1], newest+": ", "the newest is listed first")
	assert.Contains(t, lines[2], "named in the future")
	assert.Contains(t, lines[3], "at "+repositoryURL(server)+": "+newest+", "+name)
	for _, finding := range w.examine(t) {
		if finding.About == "backup clock" {
			assert.Equal(t, doctor.Warning, finding.Level)
			assert.Contains(t, finding.What, "20990102T000000Z")
		}
	}
	operator, show := w.operator(t)
	require.NoError(t, operator.Drill(t.Context(), "", show))
	assert.FileExists(t, filepath.Join(folder, newest, "proven"))
	next := w.backUp(t)
	assert.ElementsMatch(t, []string{newest, next}, w.backupNames(t), "backups named after future times are deleted")
}

func (w *wiki) refusesUnreadableCopies(t *testing.T) {
	w.SetSecret(t, "masterSecret", w.master)
	w.SetSecret(t, "backupsPassword", secret.New())
	defer w.Unset(t, "backupsPassword")
	p, err := w.Operate(t, "up")
	require.Error(t, err)
	assert.Contains(t, p.Printed, "backups.restoreFrom latest: ")
	assert.Contains(t, p.Printed, "the copies were made with another backupsPassword")
	assert.Contains(t, p.Printed, "The database is empty")
	assert.Empty(t, w.Pods(t, webPods))
}

// isRestoredFromCopy deploys a stack from a copy and kills its first migration while it restores.
func (w *wiki) isRestoredFromCopy(t *testing.T, contents mediawiki.Contents) {
	admin := w.outputs
	up := w.Start("up")
	require.NoError(t, process.Kill(process.OfPod(w.awaitLog(t, up, migrationPods, "loading the database"))))
	p, err := up.Wait(t)
	require.NoError(t, err, p.Printed)
	w.Outputs(t, &w.outputs)
	assert.Equal(t, admin.AdminPassword, w.outputs.AdminPassword)
	w.signIn(t)
	assert.Equal(t, contents, w.contents(t))
	assert.Empty(t, w.Preview(t, "--expect-no-changes").Changes)
	w.works(t)

	w.Unset(t, "backups.restoreFrom")
	for _, change := range w.Preview(t).Changes {
		assert.Regexp(t, `Job mediawiki-migration|MediaWikiStack mediawiki: $`, change, "unsetting restoreFrom changes only the migration")
	}
}

func (w *wiki) backupIsCopiedToSFTP(t *testing.T) {
	server := storage.NewSFTP(t, w.Config)
	w.Unset(t, "backups.remoteKey")
	w.Set(t, "backups.remote", "sftp://wiki@"+server.Address+"/copies/wiki")
	w.Set(t, "backups.knownHosts", server.KnownHosts)
	w.SetSecret(t, "remoteSecret", server.PrivateKey)
	w.Up(t)
	w.signIn(t)
	name := w.backUp(t)
	before := w.contents(t)
	require.DirExists(t, filepath.Join(server.Folder, "copies", "wiki", "data"))

	require.NoError(t, os.RemoveAll(filepath.Join(w.volumeFolder(t, "mediawiki-backups"), name)))
	require.NoError(t, w.admin.Edit(t.Context(), "Agreed", "Spoiled."))
	require.NoError(t, w.restore(t, name))
	w.awaitAnswer(t)
	w.signIn(t)
	assert.Equal(t, before, w.contents(t))
}
