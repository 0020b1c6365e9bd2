package wiki

import (
	"bytes"
	"errors"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"

	"github.com/mediawiki-stack/mediawiki-stack/internal/mediawiki"
	"github.com/mediawiki-stack/mediawiki-stack/tests/internal/await"
	"github.com/mediawiki-stack/mediawiki-stack/tests/internal/engine"
	"github.com/mediawiki-stack/mediawiki-stack/tests/internal/process"
	"github.com/mediawiki-stack/mediawiki-stack/tests/internal/secret"
)

// Images that upgrades start from: the series before those of Pulumi.local.yaml, from the previous Debian release.
const (
	olderMediaWiki = "localhost/mediawiki:1.39-debian12"
	olderMariaDB   = "localhost/mariadb:10.11-debian12"
)

// TestUpgrade upgrades a wiki in use from MediaWiki 1.39 to 1.43 and from MariaDB 10.11 to 11.8, with failures on the way.
func TestUpgrade(t *testing.T) {
	besideOthers(t, 3)
	w := newWiki(t, "upgrade", engine.Options{Settings: map[string]any{
		"images.mediawiki": olderMediaWiki, "images.mariadb": olderMariaDB, "siteName": "-=Guild=-",
	}})
	defer w.Explain(t)
	w.up(t)
	w.runs(t, "MediaWiki 1.39.")
	user := w.addContent(t)
	w.addViewAndTrigger(t)

	w.Set(t, "images.mediawiki", engine.LocalImage(t, "mediawiki"))
	thorough(t, "nothing changes if the dump cannot be written", w.dumpIsRefused)
	thorough(t, "a failed upgrade is rolled back", w.failedUpgradeIsRolledBack)
	chapter(t, t.Run("an upgrade that is killed halfway is completed", w.killedUpgradeIsCompleted))
	chapter(t, t.Run("MariaDB is upgraded after its data is copied", w.databasesAreUpgraded))
	t.Run("a view that a user made is still there", func(t *testing.T) {
		assert.Equal(t, fmt.Sprintln(dishes()), w.asRoot(t, "SELECT COUNT(*) FROM my_wiki.dishes"))
	})
	t.Run("users keep their passwords", func(t *testing.T) {
		require.NoError(t, mediawiki.New(w.outputs.URL).LogIn(t.Context(), user.name, user.password))
	})
	t.Run("a downgrade is refused", w.downgradeIsRefused)
	if w.replicated {
		t.Run("one up changes the database password of both", w.passwordIsChangedOnBoth)
	}
}

// addViewAndTrigger creates a view and a trigger. MediaWiki itself has none, and no account of the wiki may create one.
func (w *wiki) addViewAndTrigger(t *testing.T) {
	t.Helper()
	w.asRoot(t, "USE my_wiki; CREATE TRIGGER t BEFORE INSERT ON objectcache FOR EACH ROW SET NEW.flags = NEW.flags; "+
		"CREATE VIEW dishes AS SELECT page_title FROM page WHERE page_title LIKE 'Dish/%'")
}

// dishes returns the number of pages before the upgrade.
func dishes() int { return points(40, 200, 200) }

type account struct{ name, password string }

// addContent fills the wiki with pages, revisions, users and uploads, and returns one of the users.
func (w *wiki) addContent(t *testing.T) account {
	t.Helper()
	user := account{"Scullion", secret.New()}
	require.NoError(t, w.admin.CreateAccount(t.Context(), user.name, user.password))
	scullion := mediawiki.New(w.outputs.URL)
	require.NoError(t, scullion.LogIn(t.Context(), user.name, user.password))
	for n := range dishes() {
		title := fmt.Sprintf("Dish/%d", n)
		require.NoError(t, w.admin.Edit(t.Context(), title, fmt.Sprintf("'''Dish %d''', see [[Dish/%d]].", n, n+1)))
		if n%10 == 0 {
			require.NoError(t, scullion.Edit(t.Context(), title, fmt.Sprintf("Dish %d, with salt – “ß𝄞”.", n)))
		}
	}
	for n := range 5 {
		require.NoError(t, w.admin.Upload(t.Context(), fmt.Sprintf("Dish_%d.png", n), dish(t, n)))
	}
	require.NoError(t, w.admin.Upload(t.Context(), "Dish_0.png", dish(t, 9)), "a new version of an upload")
	return user
}

// dish returns a small picture, different for each n below 30.
func dish(t *testing.T, n int) []byte {
	t.Helper()
	img := image.NewGray(image.Rect(0, 0, 40, 30))
	for x := range 40 {
		img.SetGray(x, n, color.Gray{Y: uint8(6 * x)})
	}
	var file bytes.Buffer
	require.NoError(t, png.Encode(&file, img))
	return file.Bytes()
}

// runs checks the version that the wiki reports.
func (w *wiki) runs(t *testing.T, version string) {
	t.Helper()
	site, err := w.anonymous().Site(t.Context())
	require.NoError(t, err)
	assert.Contains(t, site.Generator, version)
}

func (w *wiki) contents(t *testing.T) mediawiki.Contents {
	t.Helper()
	contents, err := w.admin.Contents(t.Context())
	require.NoError(t, err)
	return contents
}

// upFails runs an up that must fail and change nothing, and returns what it printed.
func (w *wiki) upFails(t *testing.T) string {
	t.Helper()
	before := w.contents(t)
	p, err := w.Operate(t, "up")
	require.Error(t, err, p.Printed)
	assert.Equal(t, before, w.contents(t))
	w.runs(t, "MediaWiki 1.39.")
	w.works(t)
	return p.Printed
}

// dumpIsRefused makes the volume for backups read-only, so that the dump before the upgrade fails.
func (w *wiki) dumpIsRefused(t *testing.T) {
	backups := w.volumeFolder(t, "mediawiki-backups")
	info, err := os.Stat(backups)
	require.NoError(t, err)
	require.NoError(t, os.Chmod(backups, 0o555))
	defer func() { assert.NoError(t, os.Chmod(backups, info.Mode())) }()
	printed := w.upFails(t)
	assert.Contains(t, printed, "cannot write to the volume for backups: Permission denied")
	assert.Contains(t, printed, "sudo chown -R 33:33 FOLDER")
}

// volumeFolder returns the node's folder of a claim's volume.
func (w *wiki) volumeFolder(t *testing.T, claim string) string {
	t.Helper()
	bound, err := w.Kube.CoreV1().PersistentVolumeClaims(w.Name).Get(t.Context(), claim, metav1.GetOptions{})
	require.NoError(t, err)
	volume, err := w.Kube.CoreV1().PersistentVolumes().Get(t.Context(), bound.Spec.VolumeName, metav1.GetOptions{})
	require.NoError(t, err)
	require.NotNil(t, volume.Spec.HostPath)
	require.DirExists(t, volume.Spec.HostPath.Path)
	return volume.Spec.HostPath.Path
}

// failedUpgradeIsRolledBack makes MediaWiki's updater fail after it has changed much of the schema.
func (w *wiki) failedUpgradeIsRolledBack(t *testing.T) {
	w.Set(t, "extraSettings", `function spoilTheSoup( $updater ) { throw new RuntimeException( 'the soup is spoiled' ); } `+
		`$wgHooks['LoadExtensionSchemaUpdates'][] = static fn ( $updater ) => $updater->addExtensionUpdate( [ 'spoilTheSoup' ] );`)
	defer w.Unset(t, "extraSettings")
	require.Equal(t, "STORED", w.memcached(t, "set mark 0 0 1\r\nx"))
	printed := w.upFails(t)
	assert.Contains(t, printed, "the soup is spoiled")
	assert.Contains(t, printed, "The wiki is as it was")
	assert.Equal(t, fmt.Sprintln(dishes()), w.asRoot(t, "SELECT COUNT(*) FROM my_wiki.dishes"), "rows of a view that a user made")
	assert.Regexp(t, `/backups/before-1\.43\.\d+-\w+\.sql\.zst`, printed, "path of the dump")
	assert.Equal(t, "END", w.memcached(t, "get mark"), "memcached was flushed after the rollback")
}

func (w *wiki) killedUpgradeIsCompleted(t *testing.T) {
	before := w.contents(t)
	l := w.startLoad(t, "upgrade")
	up := w.Start("up")
	require.NoError(t, process.Kill(process.OfPod(w.awaitLog(t, up, migrationPods, "updating the schema"))))
	p, err := up.Wait(t)
	require.NoError(t, err, p.Printed)
	w.AwaitReady(t, webPods, replicas) // no old Pod answers any more
	w.runs(t, "MediaWiki 1.43.")
	w.signIn(t) // MediaWiki's updater empties the table of sessions
	w.works(t)

	refused, failedReads := 0, 0
	for _, a := range l.end(t) {
		var answer *mediawiki.Error
		if errors.As(a.failed, &answer) && answer.Code == "readonly" {
			assert.Contains(t, answer.Reason, "being upgraded to MediaWiki 1.43", "the message that editors see")
			refused++
		}
		if strings.HasPrefix(a.what, "read") {
			failedReads++
		}
	}
	t.Logf("%d edits were refused during the schema change, and %d reads failed", refused, failedReads)
	assert.Positive(t, refused)
	after := w.contents(t)
	for name, value := range before {
		assert.Equal(t, value, after[name], name)
	}
	dumps, err := filepath.Glob(w.volumeFolder(t, "mediawiki-backups") + "/before-1.43.*.sql.zst")
	require.NoError(t, err)
	assert.NotEmpty(t, dumps)
	assert.Empty(t, w.Preview(t, "--expect-no-changes").Changes)
}

// awaitLog waits until a Pod has logged a text, and returns the Pod's UID. It fails if up ends first.
func (w *wiki) awaitLog(t *testing.T, up *engine.Running, selector, text string) (pod types.UID) {
	t.Helper()
	await.Success(t, selector+" logs: "+text, func() error {
		select {
		case <-up.Done:
			require.Fail(t, "up ended before that", text)
		default:
		}
		for _, p := range w.Pods(t, selector) {
			for name, log := range w.Logs(t, selector) {
				if strings.HasPrefix(name, p.Name+" ") && strings.Contains(log, text) {
					pod = p.UID
					return nil
				}
			}
		}
		return errors.New("not logged")
	})
	return pod
}

func (w *wiki) databaseIsUpgraded(t *testing.T) {
	before := w.contents(t)
	w.Set(t, "images.mariadb", engine.LocalImage(t, "mariadb"))
	w.Up(t)
	w.awaitAnswer(t)
	assert.Equal(t, before, w.contents(t))
	w.works(t)
	assert.DirExists(t, w.volumeFolder(t, "mediawiki-db")+"/stack/before-11.8/mysql", "copy of the data before the upgrade")
	version, err := w.Exec(t.Context(), "mediawiki-db-0", "mariadb", "", "cat", "/var/lib/mysql/mariadb_upgrade_info")
	require.NoError(t, err)
	assert.Contains(t, version, "11.8.", "mariadb-upgrade has run")
}

func (w *wiki) downgradeIsRefused(t *testing.T) {
	for key, older := range map[string]string{"images.mediawiki": olderMediaWiki, "images.mariadb": olderMariaDB} {
		p, err := w.PreviewChange(t, engine.Change{Key: key, Value: older})
		require.Error(t, err, key)
		assert.Contains(t, p.Printed, "mediawiki:"+key)
		assert.Contains(t, p.Printed, "the current series or a later one")
	}
}
