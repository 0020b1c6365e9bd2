package wiki

import (
	"bytes"
	"compress/gzip"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"mediawiki-stack/tests/internal/engine"
	"mediawiki-stack/tests/internal/mediawiki"
)

// Who signs in to the recipe's wiki.
const recipeAdmin, recipePassword = "Chef", "a-spoonful-of-salt"

// TestRecipeMovesIntoTheDefaultStack takes dump and uploads of a wiki that runs as the article has it, and imports them into a new one.
func TestRecipeMovesIntoTheDefaultStack(t *testing.T) {
	recipe := newWiki(t, "recipe", engine.Options{Settings: map[string]any{"database": map[string]any{"mode": "sidecar"}, "replicas": 1}})
	defer recipe.explain(t)
	recipe.Up(t)
	recipe.setUpByHand(t)
	dump, uploads := recipe.carriedAway(t)
	before := recipe.contents(t)

	w := newWiki(t, "moved", engine.Options{Settings: map[string]any{"replicas": 1}})
	defer w.explain(t)
	w.up(t)
	fresh := w.contents(t)
	for name, c := range map[string]struct{ dump, says string }{
		"a dump that was cut off": {written(t, dump[:len(dump)-40]), "it was cut off"},
		"a dump of something else": {
			written(t, []byte("CREATE TABLE t (a INT) ENGINE=InnoDB;\n-- Dump completed\n")), "it holds no wiki",
		},
		"no dump": {written(t, []byte("SELECT 1 FROM;\n-- Dump completed\n")), "error in your SQL syntax"},
	} {
		t.Run(name+" is refused before anything is touched", func(t *testing.T) {
			operator, show := w.operator(t)
			require.ErrorContains(t, operator.Import(t.Context(), c.dump, "", show), c.says)
			assert.Equal(t, fresh, w.contents(t))
		})
	}
	for name, dump := range map[string][]byte{
		"a dump as docs/recipe.md makes it":                           dump,
		"a dump with --databases, a prefix of tables, and compressed": elaborate(t, dump),
	} {
		t.Run(name+" brings everything", func(t *testing.T) {
			w.emptyDatabase(t)
			operator, show := w.operator(t)
			require.NoError(t, operator.Import(t.Context(), written(t, dump), uploads, show))
			w.answers(t)
			w.admin = mediawiki.New(w.outputs.URL)
			require.NoError(t, w.admin.LogIn(t.Context(), recipeAdmin, recipePassword), "users have the passwords they had")
			assert.Equal(t, before, w.contents(t))
		})
	}
	w.works(t)
	t.Run("a wiki that is not empty is not replaced", func(t *testing.T) {
		now := w.contents(t)
		operator, show := w.operator(t)
		require.ErrorContains(t, operator.Import(t.Context(), written(t, dump), "", show), "this wiki is not empty")
		assert.Equal(t, now, w.contents(t))
	})
	assert.Empty(t, w.Preview(t, "--expect-no-changes").Changes)
}

// setUpByHand installs the recipe's wiki, as its web installer does, and writes into it.
func (w *wiki) setUpByHand(t *testing.T) {
	t.Helper()
	w.Outputs(t, &w.outputs)
	w.inRecipe(t, "mediawiki-container", "sh", "-ec", `
		# The recipe has nobody wait for its MariaDB.
		for try in $(seq 200); do php -r 'exit( @fsockopen( "127.0.0.1", 3306 ) ? 0 : 1 );' && break; sleep 0.1; done
		php maintenance/run.php install --dbserver 127.0.0.1 --dbname my_wiki --dbuser wikiuser --dbpass "$0" \
			--server "$1" --scriptpath "" --pass "$2" Cookbook "$3"
		echo '$wgEnableUploads = true;' >> LocalSettings.php
		chown -R www-data images`,
		w.outputs.DatabasePassword, w.outputs.URL, recipePassword, recipeAdmin)
	w.admin = mediawiki.New(w.outputs.URL)
	require.NoError(t, w.admin.LogIn(t.Context(), recipeAdmin, recipePassword))
	w.writeForAll(t)
}

// inRecipe runs a command in a container of the recipe's Pod.
func (w *wiki) inRecipe(t *testing.T, container string, command ...string) string {
	t.Helper()
	pods := w.Pods(t, webPods)
	require.Len(t, pods, 1)
	printed, err := w.Exec(t.Context(), pods[0].Name, container, "", command...)
	require.NoError(t, err)
	return printed
}

// carriedAway runs the two commands by which docs/recipe.md takes a wiki out of its Pod: the dump, and the path of the uploads.
func (w *wiki) carriedAway(t *testing.T) (dump []byte, uploads string) {
	t.Helper()
	text, err := os.ReadFile("../../docs/recipe.md")
	require.NoError(t, err)
	found := regexp.MustCompile(`exec POD -c (\S+) -- sh -c '([^']+)' > (\S+)`).FindAllStringSubmatch(string(text), -1)
	require.Len(t, found, 2)
	require.Equal(t, []string{"wiki.sql", "images.tar.gz"}, []string{found[0][3], found[1][3]})
	return []byte(w.inRecipe(t, found[0][1], "sh", "-c", found[0][2])),
		written(t, []byte(w.inRecipe(t, found[1][1], "sh", "-c", found[1][2])))
}

// elaborate makes of a dump one as others may make it.
func elaborate(t *testing.T, dump []byte) []byte {
	t.Helper()
	statement := regexp.MustCompile("(?m)^((?:CREATE TABLE|INSERT INTO|DROP TABLE IF EXISTS) `|/\\*!40000 ALTER TABLE `|LOCK TABLES `)")
	text := statement.ReplaceAllString(string(dump), "${1}mw_")
	require.Equal(t, strings.Count(string(dump), "CREATE TABLE `"), strings.Count(text, "CREATE TABLE `mw_"))
	var packed bytes.Buffer
	out := gzip.NewWriter(&packed)
	_, err := out.Write([]byte("CREATE DATABASE `old_wiki`;\nUSE `old_wiki`;\n" + text))
	require.NoError(t, err)
	require.NoError(t, out.Close())
	return packed.Bytes()
}

// emptyDatabase makes the wiki's database what it was before the wiki was installed.
func (w *wiki) emptyDatabase(t *testing.T) {
	t.Helper()
	_, err := w.Exec(t.Context(), "mediawiki-db-0", "mariadb", "DROP DATABASE my_wiki; CREATE DATABASE my_wiki;\n", "bash", "-c",
		"MYSQL_PWD=$(</var/lib/mediawiki-stack/root-password) mariadb -u root")
	require.NoError(t, err)
}

// written is the path of a file with this text.
func written(t *testing.T, text []byte) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "file")
	require.NoError(t, os.WriteFile(path, text, 0o600))
	return path
}
