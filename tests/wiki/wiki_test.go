package wiki

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/mediawiki-stack/mediawiki-stack/tests/internal/process"
)

// chapter takes what t.Run says of one chapter of a story. What would follow a chapter that failed is not told.
func chapter(t *testing.T, passed bool) {
	t.Helper()
	if !passed {
		t.FailNow()
	}
}

// TestWiki is the life of one wiki with the default settings behind a proxy that ends TLS, from its first `pulumi up` until it is destroyed
// and comes back. The stack is the same throughout, because each `up` takes its time.
func TestWiki(t *testing.T) {
	w := newFrontedWiki(t, "wiki")
	defer w.explain(t)
	var seen string // of the processes during the first up
	chapter(t, t.Run("up ends with a wiki that is installed", func(t *testing.T) {
		watch := process.NewWatch()
		w.Up(t)
		w.readOutputs(t)
		_, err := w.stranger().Page(t.Context(), "Main Page")
		require.NoError(t, err, "the first page, asked for at once")
		w.signIn(t)
		seen = watch.Stop()
		w.works(t)
	}))
	t.Run("web Pods preload what the migration has seen work", w.classesArePreloaded)
	t.Run("a second preview is empty", w.secondPreviewIsEmpty)
	t.Run("a change of one key changes this", w.eachKeyHasItsPreview)
	t.Run("in a browser", w.inABrowser)
	t.Run("strangers read and do not write", w.strangersOnlyRead)
	t.Run("closed by default", w.closedByDefault)
	t.Run("each reader is known by their own address, which nobody can make up", w.readersAreToldApart)
	t.Run("cookies of an https address are secure, whatever a proxy says", w.cookiesAreSecure)
	t.Run("what is neither a page nor a file is not found", w.unknownPathsAreNotFound)
	t.Run("pictures are kept by browsers, and a new version is seen", w.filesAreSentWithCare)
	t.Run("slow readers of a large file keep nobody from reading", w.slowReadersKeepNobodyWaiting)
	t.Run("the doctor finds nothing broken, and then what was broken", w.isExamined)
	t.Run("a quota that refuses Pods is named, with what has them taken", w.quotaIsNamed)
	thorough(t, "a volume that cannot be written to is named", w.unwritableVolumeIsNamed)
	t.Run("a Pod that stays after it was deleted is named", w.podThatStaysIsNamed)
	t.Run("the accounts of the database may do no more than they need", w.accountsAreConfined)

	t.Run("MariaDB takes the connections of old and new Pods together", w.databaseTakesAllWorkers)

	session := w.logIn(t)
	t.Run("no other wiki on its host has cookies of the same names", func(t *testing.T) {
		assert.Regexp(t, `(^|; )`+w.Name+`-mediawiki_session=`, session.Cookie())
		assert.NotRegexp(t, `(^|; )(my_wiki)?(_session|UserID|UserName|Token)=`, session.Cookie())
	})
	w.writeForAll(t)
	t.Run("each replica has the same page, session and upload", func(t *testing.T) { w.replicasAgree(t, session) })
	t.Run("each replica shows a changed message at once", w.messagesAreAgreedOn)
	t.Run("readers without a session share copies, and see each edit", w.editsAreSeen)
	t.Run("who has a session gets no copy, and makes none", w.sessionsAreKeptApart)
	t.Run("a session that cannot be read has not ended", w.unreadableSessionsHaveNotEnded)
	t.Run("a page that many ask for at once is parsed once", w.stampedeIsHeldBack)
	thorough(t, "who asks for too much is held back, and readers are not", w.scraperIsHeldBack)
	thorough(t, "a job that is running is done before its Pod goes", w.runningJobIsFinished)
	t.Run("no request fails while web Pods are deleted one by one", w.podsAreDeletedUnderLoad)
	t.Run("no request fails while a settings change is rolled", w.settingsAreRolledUnderLoad)
	thorough(t, "a kubelet that is killed and started again restarts nothing and is felt for seconds at most", w.kubeletIsKilledUnderLoad)
	t.Run("a killed MariaDB is back within a minute and has every edit", w.databaseIsKilledUnderLoad)
	t.Run("a lost memcached loses no request and no session", w.objectCacheIsLostUnderLoad)
	thorough(t, "without MariaDB no web container is restarted", w.databaseIsAway)
	thorough(t, "a cluster that was stopped has every edit", w.clusterIsRestartedUnderLoad)
	t.Run("new replicas have the same page, session and upload", func(t *testing.T) { w.replicasAgree(t, session) })

	t.Run("settings that MediaWiki does not start with change nothing", w.badSettingsAreRefused)
	chapter(t, t.Run("a password is changed by one up", w.passwordIsChanged))
	chapter(t, t.Run("destroy and up bring everything back", w.comesBack))
	t.Run("no secret stands anywhere in clear", func(t *testing.T) { w.hidesItsSecrets(t, seen) })
}
