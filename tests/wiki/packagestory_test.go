package wiki

import (
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/mediawiki-stack/mediawiki-stack/tests/internal/engine"
	"github.com/mediawiki-stack/mediawiki-stack/tests/internal/process"
	"github.com/mediawiki-stack/mediawiki-stack/tests/internal/storage"
)

// edition returns an archive of Pantry that says which edition it is. Each adds a table, as a release of an extension may.
func edition(t *testing.T, number string) []byte {
	t.Helper()
	pantry := packageFiles(t, "Pantry")
	return pantry.with(files{
		"src/Hooks.php": strings.Replace(pantry["src/Hooks.php"], "edition one", "edition "+number, 1),
		"src/SchemaHooks.php": strings.Replace(pantry["src/SchemaHooks.php"], "}\n}", "\t$updater->addExtensionTable( 'pantry_"+number+
			"', dirname( __DIR__ ) . '/sql/"+number+".sql' );\n\t}\n}", 1),
		"sql/" + number + ".sql": strings.ReplaceAll(pantry["sql/pantry.sql"], "pantry_jar", "pantry_"+number),
	}).pack(t, "Pantry-"+number+"/")
}

// packageIsReplaced changes the archives of an extension and a skin at once, and rolls the change back while their server is down.
func (w *packagedWiki) packageIsReplaced(t *testing.T) {
	cloth := packageFiles(t, "Tablecloth").with(files{"resources/cloth.css": "#tablecloth { color: green }\n"}).pack(t, "")
	changed := &packagedWiki{packages: w.with(w.server.add("Pantry", "/two.tar.gz", edition(t, "two")))}
	w.SetValue(t, "packages", changed.with(w.server.add("Tablecloth", "/two-cloths.tar.gz", cloth)))
	w.up(t)
	w.usesPackages(t, "edition two")
	w.hasCloth(t, "green")
	assert.Contains(t, w.asRoot(t, "SHOW TABLES FROM my_wiki"), "pantry_two", "the updater has run")
	assert.Contains(t, fmt.Sprint(w.Logs(t, migrationPods)), "dumping the database to /backups/before-")

	w.server.setDown(true)
	defer w.server.setDown(false)
	w.SetValue(t, "packages", w.packages)
	w.up(t)
	w.usesPackages(t, "edition one")
}

// hasCloth checks the style sheet of the skin.
func (w *packagedWiki) hasCloth(t *testing.T, color string) {
	t.Helper()
	css, err := w.anonymous().Get(t.Context(), "/skins/Tablecloth/resources/cloth.css")
	require.NoError(t, err)
	assert.Contains(t, string(css.Body), color)
}

// killedDownloadIsRepeated kills the migration when it has half of an archive.
func (w *packagedWiki) killedDownloadIsRepeated(t *testing.T) {
	held := w.server.add("Pantry", "/held.tar.gz", edition(t, "held"))
	held["url"] = fmt.Sprint(held["url"], "?held")
	w.SetValue(t, "packages", w.with(held))
	up := w.Start("up")
	pod := w.awaitLog(t, up, migrationPods, "Pantry: downloading ")
	select {
	case <-w.server.holding:
	case <-up.Done:
		require.Fail(t, "up ended before the download")
	}
	require.NoError(t, process.Kill(process.OfPod(pod)))
	p, err := up.Wait(t)
	require.NoError(t, err, p.Printed)
	w.awaitAnswer(t)
	w.signIn(t) // MediaWiki's updater empties the table of sessions
	w.usesPackages(t, "edition held")
	left, err := filepath.Glob(filepath.Join(w.volumeFolder(t, "mediawiki-packages"), ".part-*"))
	require.NoError(t, err)
	assert.Empty(t, left)
	w.SetValue(t, "packages", w.packages)
	w.up(t)
}

// stored returns the hashes of the complete archives on the volume.
func (w *packagedWiki) stored(t *testing.T) []string {
	t.Helper()
	found, err := filepath.Glob(filepath.Join(w.volumeFolder(t, "mediawiki-packages"), "*", "archive"))
	require.NoError(t, err)
	hashes := make([]string, len(found))
	for i, path := range found {
		hashes[i] = filepath.Base(filepath.Dir(path))
	}
	return hashes
}

// archivesComeFromElsewhere takes an archive from a claim and one from S3. The wiki keeps two backups, and therefore the archives of two
// revisions besides the new one.
func (w *packagedWiki) archivesComeFromElsewhere(t *testing.T, s3 *storage.S3) {
	archive := edition(t, "three")
	folder := filepath.Join(w.volumeFolder(t, "mediawiki-uploads"), "archives")
	require.NoError(t, os.MkdirAll(folder, 0o755))
	require.NoError(t, os.WriteFile(filepath.Join(folder, "three.tar.gz"), archive, 0o644))
	cloth := packageFiles(t, "Tablecloth").with(files{"resources/cloth.css": "#tablecloth { color: red }\n"}).pack(t, "")
	s3.Put(t, "packages/Tablecloth.tar.gz", cloth)
	three := map[string]any{"name": "Pantry", "url": "file:mediawiki-uploads/archives/three.tar.gz", "sha256": sumOf(archive)}
	w.packages = w.with(three)
	w.packages = w.with(map[string]any{
		"name": "Tablecloth", "url": "s3:" + s3.URL + "/" + s3.Bucket + "/packages/Tablecloth.tar.gz", "sha256": sumOf(cloth),
	})
	w.SetValue(t, "packages", w.packages)
	w.setCopyTarget(t, s3)
	w.up(t)
	w.usesPackages(t, "edition three")
	w.hasCloth(t, "red")
}

// unusedPackagesAreDeleted changes a setting until no revision that is kept uses the first archives any more.
func (w *packagedWiki) unusedPackagesAreDeleted(t *testing.T) {
	one, held := sumOf(packageFiles(t, "Pantry").pack(t, "Pantry-main/")), sumOf(edition(t, "held"))
	assert.Contains(t, w.stored(t), one, "the revision before this one uses it")
	assert.Contains(t, w.stored(t), held, "and the one before that")
	for _, name := range []string{"Soup kitchen", "Soup"} {
		w.Set(t, "siteName", name)
		w.up(t)
	}
	want := make([]string, 0, len(w.packages))
	for _, item := range w.packages {
		want = append(want, item["sha256"].(string))
	}
	assert.ElementsMatch(t, want, w.stored(t))
}

// packagesDiskIsFull fills the volume: first with an archive that no revision uses, and then with something else.
func (w *packagedWiki) packagesDiskIsFull(t *testing.T) {
	folder := w.volumeFolder(t, "mediawiki-packages")
	moveToSmallDisk(t, folder)
	defer unmountSmallDisk(t, folder)
	unused := filepath.Join(folder, strings.Repeat("0", 64))
	require.NoError(t, os.Mkdir(unused, 0o700))
	require.NoError(t, os.Chmod(unused, 0o777)) // the migration deletes it as another user
	fill(t, unused)
	w.SetValue(t, "packages", w.with(w.server.add("Pantry", "/four.tar.gz", edition(t, "four"))))
	w.up(t)
	w.usesPackages(t, "edition four")
	assert.NoDirExists(t, unused)

	free := fill(t, folder)
	w.SetValue(t, "packages", w.with(w.server.add("Pantry", "/five.tar.gz", edition(t, "five"))))
	p, err := w.Operate(t, "up")
	require.Error(t, err)
	assert.Contains(t, p.Printed, "The volume for packages is full: increase packageVolume.size")
	w.usesPackages(t, "edition four")
	free()
	w.SetValue(t, "packages", w.packages)
	w.up(t)
}

// backupHasPackages restores a backup in place, and then into a new wiki while the server of the packages is down.
func (w *packagedWiki) backupHasPackages(t *testing.T, s3 *storage.S3) {
	name := w.backUp(t)
	manifest, err := os.ReadFile(filepath.Join(w.volumeFolder(t, "mediawiki-backups"), name, "manifest.json"))
	require.NoError(t, err)
	assert.Contains(t, string(manifest), `"sha256": "`+sumOf(edition(t, "three"))+`"`)
	second := w.backUp(t)
	first, again := w.inBackup(t, name), w.inBackup(t, second)
	assert.True(t, os.SameFile(first, again), "backups share an archive")
	require.NoError(t, w.admin.Edit(t.Context(), "Jar:Plums", "eaten"))
	require.NoError(t, w.restore(t, name))
	w.awaitAnswer(t)
	w.signIn(t)
	texts, err := w.admin.Texts(t.Context(), "Jar:Plums")
	require.NoError(t, err)
	assert.Contains(t, texts["Jar:Plums"], "<pantry/>", "a restore in place")
	w.usesPackages(t, "edition three")

	w.server.setDown(true)
	defer w.server.setDown(false)
	settings := w.settings()
	settings["backups.restoreFrom"] = "latest"
	other := &packagedWiki{wiki: newWiki(t, "unpacked", engine.Options{Settings: settings}), server: w.server}
	defer other.Explain(t)
	for _, item := range w.packages {
		elsewhere := maps.Clone(item)
		elsewhere["url"] = w.server.url + "/moved-away.tar.gz"
		other.packages = append(other.packages, elsewhere)
	}
	other.SetValue(t, "packages", other.packages)
	other.setCopyTarget(t, s3)
	other.outputs, other.master = w.outputs, w.master
	other.SetSecret(t, "masterSecret", w.master)
	other.up(t)
	other.usesPackages(t, "edition three")
}

// inBackup returns the archive of Pantry's third edition in a backup.
func (w *packagedWiki) inBackup(t *testing.T, name string) os.FileInfo {
	t.Helper()
	info, err := os.Stat(filepath.Join(w.volumeFolder(t, "mediawiki-backups"), name, "packages", sumOf(edition(t, "three"))))
	require.NoError(t, err)
	return info
}

// packageInUseIsNotRemoved removes a package that extensions names.
func (w *packagedWiki) packageInUseIsNotRemoved(t *testing.T) {
	w.SetValue(t, "packages", w.packages[1:])
	defer w.SetValue(t, "packages", w.packages)
	p, err := w.Operate(t, "up")
	require.Error(t, err)
	assert.Contains(t, p.Printed, "extensions: the image has no Pantry")
	w.usesPackages(t, "edition one")
}

// removalIsReported removes the extensions. Their tables and pages stay.
func (w *packagedWiki) removalIsReported(t *testing.T) {
	w.SetValue(t, "extensions", []string{"Cite"})
	w.SetValue(t, "packages", w.packages[2:])
	p := w.Up(t)
	assert.Contains(t, p.Printed, "Pantry was removed. Its tables remain: pantry_jar, pantry_three.")
	assert.Contains(t, p.Printed, "Spices was removed.")
	assert.Contains(t, p.Printed, "Pages that cannot be reached remain: 1 in namespace 3400 (jar).")
	assert.Contains(t, w.asRoot(t, "SHOW TABLES FROM my_wiki"), "pantry_jar")
	w.signIn(t)
	w.works(t)
	again := w.Up(t)
	assert.NotContains(t, again.Printed, "was removed")
}
