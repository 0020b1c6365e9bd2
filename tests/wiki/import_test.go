package wiki

import (
	"bytes"
	"context"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/mediawiki-stack/mediawiki-stack/internal/mediawiki"
	"github.com/mediawiki-stack/mediawiki-stack/tests/internal/engine"
	"github.com/mediawiki-stack/mediawiki-stack/tests/internal/process"
)

// The administrator of the recipe's wiki.
const recipeAdmin, recipePassword = "Chef", "a-spoonful-of-salt"

// TestRecipeIsImportedIntoTheDefaultStack imports the dump and the uploads of a wiki deployed from the recipe into a new wiki.
func TestRecipeIsImportedIntoTheDefaultStack(t *testing.T) {
	besideOthers(t, 4)
	recipe := newWiki(t, "recipe", engine.Options{Settings: map[string]any{"database": map[string]any{"mode": "sidecar"}, "replicas": 1}})
	defer recipe.Explain(t)
	recipe.Up(t)
	recipe.installRecipe(t)
	dump, uploads := recipe.exportAsDocumented(t)
	before := recipe.contents(t)

	w := newWiki(t, "moved", engine.Options{Settings: map[string]any{"replicas": 1}})
	defer w.Explain(t)
	w.up(t)
	fresh, identity := w.contents(t), w.identity(t)
	refused := refusedDumps(t, dump)
	for _, name := range cases(2, refused) {
		c := refused[name]
		t.Run(name+" is refused before anything changes", func(t *testing.T) {
			operator, show := w.operator(t)
			require.ErrorContains(t, operator.Import(t.Context(), c.dump, "", show), c.want)
			assert.Equal(t, fresh, w.contents(t))
		})
	}
	t.Run("an incomplete transfer is refused before anything changes and leaves nothing behind", func(t *testing.T) {
		w.importIsCutOff(t, tempFile(t, dump), uploads)
		assert.Equal(t, fresh, w.contents(t))
	})
	thorough(t, "an import that is killed can be run again", func(t *testing.T) { w.importIsKilled(t, tempFile(t, dump), uploads, fresh) })
	imports := 0
	dumps := map[string][]byte{
		"an old dump of a shared server":     foreignDump(t, dump),
		"the dump that docs/recipe.md makes": dump,
	}
	for _, name := range cases(1, dumps) {
		dump := dumps[name]
		t.Run(name+" is imported completely", func(t *testing.T) {
			if imports++; imports > 1 {
				w.emptyDatabase(t)
			}
			operator, show := w.operator(t)
			require.NoError(t, operator.Import(t.Context(), tempFile(t, dump), uploads, show))
			w.awaitAnswer(t)
			w.admin = mediawiki.New(w.outputs.URL)
			require.NoError(t, w.admin.LogIn(t.Context(), recipeAdmin, recipePassword), "users keep their passwords")
			assert.Equal(t, before, w.contents(t))
			if imports == 1 {
				assert.Equal(t, identity, w.identity(t), "identity, by which backups belong to the wiki")
			}
		})
	}
	assert.Empty(t, w.backupVolumeEntries(t), "files left by imports")
	w.works(t)
	t.Run("only the wiki's own tables are imported", w.tablesAreNormalized)
	t.Run("titles that differ by case, accent or emoji stay distinct", w.keepsAllTitles)
	if soaking {
		w.importsRealDumps(t)
	}
	t.Run("an import into a wiki that is not empty is refused", func(t *testing.T) {
		now := w.contents(t)
		operator, show := w.operator(t)
		notRead := filepath.Join(t.TempDir(), "dump.sql")
		require.NoError(t, os.WriteFile(notRead, []byte("no dump"), 0o600))
		require.ErrorContains(t, operator.Import(t.Context(), notRead, "", show), "this wiki is not empty")
		assert.Equal(t, now, w.contents(t))
	})
	assert.Empty(t, w.Preview(t, "--expect-no-changes").Changes)
	w.databasesAgree(t)
}

// identity returns the ID that ties backups to this wiki.
func (w *wiki) identity(t *testing.T) string {
	t.Helper()
	identity := w.asRoot(t, "SELECT value FROM my_wiki.mediawiki_stack WHERE name = 'wiki'")
	require.NotEmpty(t, identity)
	return identity
}

// backupVolumeEntries lists the volume for backups, without the lock and the dumps before upgrades.
func (w *wiki) backupVolumeEntries(t *testing.T) []string {
	t.Helper()
	entries, err := os.ReadDir(w.volumeFolder(t, "mediawiki-backups"))
	require.NoError(t, err)
	var names []string
	for _, entry := range entries {
		if name := entry.Name(); name != ".lock" && !strings.HasPrefix(name, "before-1.") {
			names = append(names, name)
		}
	}
	return names
}

// importIsCutOff cuts off the transfer of an import after its last file and before the end marker sent.json. GNU tar accepts such an
// archive as complete.
func (w *wiki) importIsCutOff(t *testing.T, dump, uploads string) {
	t.Helper()
	operator, show := w.operator(t)
	attach := operator.Attach
	operator.Attach = func(ctx context.Context, namespace, pod, container string, input io.Reader) error {
		all, err := io.ReadAll(input)
		if err != nil {
			return err
		}
		end := bytes.LastIndex(all, []byte("sent.json"))
		return attach(ctx, namespace, pod, container, bytes.NewReader(all[:end]))
	}
	require.ErrorContains(t, operator.Import(t.Context(), dump, uploads, show), "the upload was cut off and nothing was changed")
	assert.Empty(t, w.backupVolumeEntries(t))
}

// importIsKilled kills the programs of an import at several stages, the last time while the wiki's database is replaced.
func (w *wiki) importIsKilled(t *testing.T, dump, uploads string, fresh mediawiki.Contents) {
	stages := []string{"receiving", "into a temporary database", "updating the schema", "dumping the temporary", "loading the database"}
	for _, stage := range stages {
		operator, _ := w.operator(t)
		err := operator.Import(t.Context(), dump, uploads, func(line string) {
			t.Log(line)
			if strings.Contains(line, stage) {
				for _, pod := range w.Pods(t, migrationPods) {
					assert.NoError(t, process.Kill(process.OfPod(pod.UID)))
				}
			}
		})
		require.ErrorContains(t, err, "run the same command again", stage)
		if stage != "loading the database" {
			assert.Equal(t, fresh, w.contents(t), stage)
		}
	}
}

// installRecipe installs the recipe's wiki as the web installer would, and writes into it.
func (w *wiki) installRecipe(t *testing.T) {
	t.Helper()
	w.Outputs(t, &w.outputs)
	w.execInRecipe(t, "mediawiki-container", "sh", "-ec", `
		# Nothing in the recipe waits for MariaDB.
		for try in $(seq 200); do php -r 'exit( @fsockopen( "127.0.0.1", 3306 ) ? 0 : 1 );' && break; sleep 0.1; done
		php maintenance/run.php install --dbserver 127.0.0.1 --dbname my_wiki --dbuser wikiuser --dbpass "$0" \
			--server "$1" --scriptpath "" --pass "$2" Cookbook "$3"
		echo '$wgEnableUploads = true;' >> LocalSettings.php
		chown -R www-data images`,
		w.outputs.DatabasePassword, w.outputs.URL, recipePassword, recipeAdmin)
	w.admin = mediawiki.New(w.outputs.URL)
	require.NoError(t, w.admin.LogIn(t.Context(), recipeAdmin, recipePassword))
	w.writeSharedContent(t)
}

// execInRecipe runs a command in a container of the recipe's Pod.
func (w *wiki) execInRecipe(t *testing.T, container string, command ...string) string {
	t.Helper()
	pods := w.Pods(t, webPods)
	require.Len(t, pods, 1)
	printed, err := w.Exec(t.Context(), pods[0].Name, container, "", command...)
	require.NoError(t, err)
	return printed
}

func (w *wiki) tablesAreNormalized(t *testing.T) {
	const others = "SELECT table_name FROM information_schema.tables WHERE table_schema = 'my_wiki' AND table_name NOT IN " +
		"('searchindex', 'mediawiki_stack') AND (table_type <> 'BASE TABLE' OR engine <> 'InnoDB' OR table_collation <> 'binary')"
	assert.Empty(t, w.asRoot(t, others), "views, MyISAM, or other character sets")
	const columns = "SELECT CONCAT(table_name, '.', column_name) FROM information_schema.columns WHERE table_schema = 'my_wiki' " +
		"AND table_name NOT IN ('searchindex', 'mediawiki_stack') AND character_set_name <> 'binary'"
	assert.Empty(t, w.asRoot(t, columns), "columns with a character set")
	tables := w.asRoot(t, "SHOW TABLES FROM my_wiki")
	assert.NotRegexp(t, `(?m)^(wp_users|mw.*|mw_titles)$`, tables)
	assert.Empty(t, w.asRoot(t, "SELECT trigger_name FROM information_schema.triggers"))
}

// keepsAllTitles creates pages whose titles would be equal or impossible in an old character set.
func (w *wiki) keepsAllTitles(t *testing.T) {
	want := map[string]string{"Aa": "small", "AA": "large", "Über": "ü", "Uber": "u", "🍲": "soup"}
	titles := make([]string, 0, len(want))
	for title, text := range want {
		require.NoError(t, w.admin.Edit(t.Context(), title, text))
		titles = append(titles, title)
	}
	texts, err := w.admin.Texts(t.Context(), titles...)
	require.NoError(t, err)
	assert.Equal(t, want, texts)
	_, err = w.anonymous().Page(t.Context(), "🍲")
	require.NoError(t, err)
}

// importsRealDumps imports dumps of real wikis.
func (w *wiki) importsRealDumps(t *testing.T) {
	for _, name := range []string{"utf8mb3-general-ci", "utf8mb3", "myisam", "other-application"} {
		t.Run("a real dump, "+name, func(t *testing.T) {
			w.emptyDatabase(t)
			operator, show := w.operator(t)
			require.NoError(t, operator.Import(t.Context(), "testdata/dumps/"+name+".sql.gz", "", show))
			w.tablesAreNormalized(t)
			texts, err := w.anonymous().Texts(t.Context(), "Aa", "Кот")
			require.NoError(t, err)
			assert.Len(t, texts, 2)
		})
	}
}

// emptyDatabase drops the wiki's tables, as if it had never been installed.
func (w *wiki) emptyDatabase(t *testing.T) {
	t.Helper()
	w.asRoot(t, "DROP DATABASE my_wiki; CREATE DATABASE my_wiki")
}

// asRoot runs statements as MariaDB's root and returns a line for each row.
func (w *wiki) asRoot(t *testing.T, statements string) string {
	t.Helper()
	return w.asRootOf(t, firstDatabase, statements)
}

// asRootOf is like asRoot, for one of two databases.
func (w *wiki) asRootOf(t *testing.T, pod, statements string) string {
	t.Helper()
	answer, err := w.Exec(t.Context(), pod, "mariadb", statements+";\n", "bash", "-c",
		"MYSQL_PWD=$(</var/lib/mediawiki-stack/root-password) mariadb -u root --batch --skip-column-names --default-character-set=utf8mb4")
	require.NoError(t, err)
	return answer
}
