package wiki

import (
	"bytes"
	"compress/gzip"
	"context"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/mediawiki-stack/mediawiki-stack/tests/internal/engine"
	"github.com/mediawiki-stack/mediawiki-stack/tests/internal/mediawiki"
)

// Who signs in to the recipe's wiki.
const recipeAdmin, recipePassword = "Chef", "a-spoonful-of-salt"

// TestRecipeIsImportedIntoTheDefaultStack takes dump and uploads of a wiki that runs as the article has it, and imports them into a new one.
func TestRecipeIsImportedIntoTheDefaultStack(t *testing.T) {
	recipe := newWiki(t, "recipe", engine.Options{Settings: map[string]any{"database": map[string]any{"mode": "sidecar"}, "replicas": 1}})
	defer recipe.explain(t)
	recipe.Up(t)
	recipe.installRecipe(t)
	dump, uploads := recipe.exportAsDocumented(t)
	before := recipe.contents(t)

	w := newWiki(t, "moved", engine.Options{Settings: map[string]any{"replicas": 1}})
	defer w.explain(t)
	w.up(t)
	fresh, identity := w.contents(t), w.identity(t)
	refused := refusedDumps(t, dump)
	for _, name := range cases(2, refused) {
		c := refused[name]
		t.Run(name+" is refused before anything changes", func(t *testing.T) {
			operator, show := w.operator(t)
			require.ErrorContains(t, operator.Import(t.Context(), c.dump, "", show), c.says)
			assert.Equal(t, fresh, w.contents(t))
		})
	}
	t.Run("an incomplete transfer is refused before anything changes and leaves nothing behind", func(t *testing.T) {
		w.importIsCutOff(t, tempFile(t, dump), uploads)
		assert.Equal(t, fresh, w.contents(t))
	})
	imports := 0
	dumps := map[string][]byte{
		"a dump of a server that others use, from long ago": foreignDump(t, dump),
		"the dump that docs/recipe.md makes":                dump,
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
			require.NoError(t, w.admin.LogIn(t.Context(), recipeAdmin, recipePassword), "users have the passwords they had")
			assert.Equal(t, before, w.contents(t))
			if imports == 1 {
				assert.Equal(t, identity, w.identity(t), "the wiki is the one it was, to its backups and copies")
			}
		})
	}
	assert.Empty(t, w.backupVolumeEntries(t), "what an import has left")
	w.works(t)
	t.Run("only the wiki's own tables are imported", w.tablesAreNormalized)
	t.Run("titles that differ by case, accent or emoji stay distinct", w.keepsAllTitles)
	if soaking {
		w.importsRealDumps(t)
	}
	t.Run("an import into a wiki that is not empty is refused", func(t *testing.T) {
		now := w.contents(t)
		operator, show := w.operator(t)
		require.ErrorContains(t, operator.Import(t.Context(), tempFile(t, dump), "", show), "this wiki is not empty")
		assert.Equal(t, now, w.contents(t))
	})
	assert.Empty(t, w.Preview(t, "--expect-no-changes").Changes)
}

// identity is the number by which backups of the wiki are told from those of others.
func (w *wiki) identity(t *testing.T) string {
	t.Helper()
	identity := w.asRoot(t, "SELECT value FROM my_wiki.mediawiki_stack WHERE name = 'wiki'")
	require.NotEmpty(t, identity)
	return identity
}

// backupVolumeEntries is what there is on the volume for backups.
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

// importIsCutOff ends what an import sends after its last file, which GNU tar takes for the whole.
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
	require.ErrorContains(t, operator.Import(t.Context(), dump, uploads, show), "not all of it has arrived, and nothing was changed")
	assert.Empty(t, w.backupVolumeEntries(t))
}

// installRecipe installs the recipe's wiki, as its web installer does, and writes into it.
func (w *wiki) installRecipe(t *testing.T) {
	t.Helper()
	w.Outputs(t, &w.outputs)
	w.execInRecipe(t, "mediawiki-container", "sh", "-ec", `
		# The recipe has nobody wait for its MariaDB.
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

// exportAsDocumented runs the two commands by which docs/recipe.md takes a wiki out of its Pod: the dump, and the path of the uploads.
func (w *wiki) exportAsDocumented(t *testing.T) (dump []byte, uploads string) {
	t.Helper()
	text, err := os.ReadFile("../../docs/recipe.md")
	require.NoError(t, err)
	found := regexp.MustCompile(`exec POD -c (\S+) -- sh -c '([^']+)' > (\S+)`).FindAllStringSubmatch(string(text), -1)
	require.Len(t, found, 2)
	require.Equal(t, []string{"wiki.sql", "images.tar.gz"}, []string{found[0][3], found[1][3]})
	return []byte(w.execInRecipe(t, found[0][1], "sh", "-c", found[0][2])),
		tempFile(t, []byte(w.execInRecipe(t, found[1][1], "sh", "-c", found[1][2])))
}

// refusedDumps are dumps that are whole, but one, and that are not a wiki which this MediaWiki can go on with.
func refusedDumps(t *testing.T, dump []byte) map[string]struct{ dump, says string } {
	t.Helper()
	with := func(statements string) string {
		return tempFile(t, append(bytes.Clone(dump), []byte("\n"+statements+"\n-- Dump completed\n")...))
	}
	return map[string]struct{ dump, says string }{
		"a dump that was cut off":  {tempFile(t, dump[:len(dump)-40]), "is truncated"},
		"a dump of something else": {tempFile(t, []byte("CREATE TABLE t (a INT) ENGINE=InnoDB;\n-- Dump completed\n")), "it holds no wiki"},
		"a dump with a mistake":    {with("CREATE TABLE broken (;"), "error in your SQL syntax"},
		"a dump without rows":      {with("TRUNCATE TABLE `page`;"), `its table "page" has no rows`},
		"a dump without users":     {with("DROP TABLE `user`;"), `the table "user" is not in it`},
		"a dump of a wiki of 1.31": {"testdata/dumps/old-1.31.sql.gz", "does not upgrade a wiki of 1.31"},
		"a dump of a newer wiki": {
			with("INSERT INTO `updatelog` VALUES ('updatelist-1.99.0-17000000000', NULL);"), "was written by MediaWiki 1.99.0",
		},
		"a dump with a newer schema": {
			with("ALTER TABLE `categorylinks` RENAME COLUMN `cl_to` TO `cl_target_id`;"),
			"those before it have no categorylinks.cl_target_id",
		},
		"a dump of two wikis at once": {with("CREATE TABLE `de_updatelog` (a INT);"), "more than one wiki"},
	}
}

// foreignDump makes of a dump one as it comes from a server that others use too, of a wiki that began long ago.
func foreignDump(t *testing.T, dump []byte) []byte {
	t.Helper()
	statement := regexp.MustCompile("(?m)^((?:CREATE TABLE|INSERT INTO|DROP TABLE IF EXISTS) `|/\\*!40000 ALTER TABLE `|LOCK TABLES `)")
	text := statement.ReplaceAllString(string(dump), "${1}mw_")
	require.Equal(t, strings.Count(string(dump), "CREATE TABLE `"), strings.Count(text, "CREATE TABLE `mw_"))
	const beginning = "\ufeffmysqldump: [Warning] Using a password on the command line interface can be insecure.\n" +
		"SET @@SESSION.SQL_LOG_BIN= 0;\nSET @@GLOBAL.GTID_PURGED=/*!80000 '+'*/ 'aaaaaaaa-1111-1111-1111-111111111111:1-9';\n" +
		"CREATE DATABASE `old_wiki` /*!40100 DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_0900_ai_ci */;\nUSE `old_wiki`;\n"
	const ending = "ALTER TABLE `mw_page` MODIFY `page_title` VARCHAR(255) CHARACTER SET utf8mb3 COLLATE utf8mb3_general_ci NOT NULL;\n" +
		"ALTER TABLE `mw_user` MODIFY `user_name` VARCHAR(255) CHARACTER SET utf8mb3 COLLATE utf8mb3_bin NOT NULL;\n" +
		"ALTER TABLE `mw_revision` ENGINE=MyISAM;\nALTER TABLE `mw_logging` CHARACTER SET latin1;\n" +
		"CREATE TABLE `wp_users` (a INT);\nINSERT INTO `wp_users` VALUES (1);\nCREATE TABLE `mwx` (a INT);\n" +
		"/*!50001 CREATE ALGORITHM=UNDEFINED */\n/*!50013 DEFINER=`olduser`@`localhost` SQL SECURITY DEFINER */\n" +
		"/*!50001 VIEW `mw_titles` AS select `page_title` from `elsewhere`.`page` */;\n" +
		"DELIMITER ;;\nCREATE DEFINER=`olduser`@`localhost` TRIGGER `t` BEFORE INSERT ON `mw_page` FOR EACH ROW SET NEW.page_len = 1;;\n" +
		"CREATE DEFINER=`olduser`@`localhost` PROCEDURE `p`() SELECT 1;;\nDELIMITER ;\n-- Dump completed\n\n\n"
	var packed bytes.Buffer
	out := gzip.NewWriter(&packed)
	_, err := out.Write([]byte(beginning + text + ending))
	require.NoError(t, err)
	require.NoError(t, out.Close())
	return packed.Bytes()
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

// keepsAllTitles writes pages whose titles a wiki with an old character set takes for one, or cannot keep.
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

// importsRealDumps imports wikis as they are found.
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

// emptyDatabase makes the wiki's database what it was before the wiki was installed.
func (w *wiki) emptyDatabase(t *testing.T) {
	t.Helper()
	w.asRoot(t, "DROP DATABASE my_wiki; CREATE DATABASE my_wiki")
}

// asRoot asks the wiki's database as MariaDB's root, and returns the answer, a line for each row.
func (w *wiki) asRoot(t *testing.T, statements string) string {
	t.Helper()
	answer, err := w.Exec(t.Context(), "mediawiki-db-0", "mariadb", statements+";\n", "bash", "-c",
		"MYSQL_PWD=$(</var/lib/mediawiki-stack/root-password) mariadb -u root --batch --skip-column-names --default-character-set=utf8mb4")
	require.NoError(t, err)
	return answer
}

// tempFile is the path of a file with this text.
func tempFile(t *testing.T, text []byte) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "file")
	require.NoError(t, os.WriteFile(path, text, 0o600))
	return path
}
