package wiki

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/mediawiki-stack/mediawiki-stack/tests/internal/process"
)

// chapter stops the test unless a subtest passed. Use it where later subtests depend on this one.
func chapter(t *testing.T, passed bool) {
	t.Helper()
	if !passed {
		t.FailNow()
	}
}

// TestWiki follows one wiki with default settings behind a TLS-terminating proxy, from its first `pulumi up` until it is destroyed and
// deployed again. All subtests share one stack, because each `up` takes a while.
func TestWiki(t *testing.T) {
	if testing.Short() { // otherwise it has chapters that stop the node
		besideOthers(t, 12)
	}
	w := newProxiedWiki(t, "wiki")
	defer w.Explain(t)
	var seen string // command lines and environments of containers during the first up
	chapter(t, t.Run("up ends with a wiki that is installed", func(t *testing.T) {
		watch := process.NewWatch()
		w.Up(t)
		w.readOutputs(t)
		_, err := w.anonymous().Page(t.Context(), "Main Page")
		require.NoError(t, err, "the first request after up")
		w.signIn(t)
		seen = watch.Stop()
		w.works(t)
	}))
	t.Run("web Pods preload the files that the migration has tested", w.classesArePreloaded)
	t.Run("a second preview is empty", w.secondPreviewIsEmpty)
	t.Run("a change of each key makes exactly the recorded changes", w.eachKeyHasItsPreview)
	t.Run("a user logs in, edits, uploads and searches in a browser", w.worksInABrowser)
	t.Run("pages name their address and title to search engines", w.pagesDescribeThemselves)
	t.Run("search engines find a list of all pages, once a day", w.pagesAreListed)
	t.Run("anonymous readers cannot edit", w.anonymousReadersCannotEdit)
	t.Run("closed by default", w.closedByDefault)
	t.Run("each reader is identified by an address that cannot be forged", w.readersAreDistinguished)
	t.Run("cookies are secure if siteUrl is https, whatever a proxy says", w.cookiesAreSecure)
	t.Run("readers of another host, and of http, are redirected to siteUrl", w.readersAreLedToTheAddress)
	t.Run("wiki smoke does what a user does, and leaves no page", w.smokeTestPasses)
	t.Run("an unknown path is not found", w.unknownPathsAreNotFound)
	t.Run("browsers cache pictures, and readers see a new version", w.filesAreCachedBriefly)
	t.Run("slow downloads of a large file do not block other readers", w.slowReadersBlockNobody)
	t.Run("an upload arrives although the line is down for a while", w.slowUploadsArrive)
	t.Run("several of the largest files are uploaded at once", w.largestFilesAreUploaded)
	t.Run("Pods use a small part of the disk that they may use", w.littleIsWritten)
	t.Run("the doctor finds no failure, and then each one that was caused", w.doctorFindsFaults)
	t.Run("the preview and the doctor name a quota that refuses Pods, and the fix", w.quotaIsNamed)
	thorough(t, "the doctor names a volume that is not writable", w.unwritableVolumeIsNamed)
	t.Run("the doctor names a Pod that is stuck terminating", w.terminatingPodIsNamed)
	t.Run("database accounts have only the rights they need", w.accountsAreConfined)

	t.Run("MariaDB accepts the connections of old and new Pods together", w.databaseTakesAllWorkers)

	session := w.logIn(t)
	t.Run("Prometheus finds metrics of every part, by annotations", w.metricsAreServed)
	t.Run("wiki status and wiki logs show every part", w.stateIsShown)
	t.Run("cookie names are unique to this wiki", func(t *testing.T) {
		assert.Regexp(t, `(^|; )`+w.Name+`-mediawiki_session=`, session.Cookie())
		assert.NotRegexp(t, `(^|; )(my_wiki)?(_session|UserID|UserName|Token)=`, session.Cookie())
	})
	w.writeSharedContent(t)
	t.Run("every replica serves the same page, session and upload", func(t *testing.T) { w.replicasAgree(t, session) })
	t.Run("every replica shows a changed interface message at once", w.messagesAreConsistent)
	t.Run("anonymous readers share cached pages, and see every edit", w.editsAreSeen)
	t.Run("edits do not wait for a cache that is down, and it is emptied when it is back", w.cacheThatMissedAnEditIsEmptied)
	t.Run("memcached is emptied if it did not answer while something changed", w.objectCacheThatMissedAChangeIsEmptied)
	t.Run("lists of changes and pages come from caches, and are purged with every change", w.listsShowEveryChange)
	t.Run("a list in another language or with other options is not cached", w.listsAreNotMixedUp)
	t.Run("load.php is cached by the parameters that it reads", w.unknownParametersAreIgnored)
	t.Run("users with a session neither get nor create cached pages", w.sessionsAreNotCached)
	t.Run("a session survives a failure to read it", w.unreadableSessionsHaveNotEnded)
	t.Run("a page that many readers request at once is parsed once", w.stampedeIsHeldBack)
	thorough(t, "a client that requests too much is rate limited, and other readers are not", w.scraperIsHeldBack)
	thorough(t, "a running job finishes before its Pod ends", w.runningJobIsFinished)
	t.Run("no request fails while web Pods are deleted one by one", w.podsAreDeletedUnderLoad)
	t.Run("no request fails while a settings change is rolled out", w.settingsAreRolledUnderLoad)
	t.Run("logo and favicon are files of the stack", w.picturesAreServed)
	t.Run("pages fit on a phone", w.pagesFitOnAPhone)
	thorough(t, "a kubelet restart restarts no container and fails requests for seconds at most", w.kubeletIsKilledUnderLoad)
	t.Run("a killed MariaDB is back within a minute with every edit", w.databaseIsKilledUnderLoad)
	t.Run("losing memcached fails no request and ends no session", w.objectCacheIsLostUnderLoad)
	thorough(t, "no web container is restarted while MariaDB is down", w.databaseIsAway)
	thorough(t, "no edit is lost when the cluster is stopped and started", w.clusterIsRestartedUnderLoad)
	t.Run("new replicas serve the same page, session and upload", func(t *testing.T) { w.replicasAgree(t, session) })

	t.Run("settings that break MediaWiki change nothing", w.badSettingsAreRefused)
	thorough(t, "one up changes the database password", w.passwordIsChanged)
	chapter(t, t.Run("everything is back after destroy and up", w.comesBack))
	t.Run("no secret appears in plain text", func(t *testing.T) { w.hidesItsSecrets(t, seen) })
}
