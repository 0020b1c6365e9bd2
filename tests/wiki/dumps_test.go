package wiki

import (
	"bytes"
	"compress/gzip"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// exportAsDocumented runs the two export commands of docs/recipe.md. It returns the dump and the path of the archive of uploads.
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

// refusedDumps returns dumps that an import must refuse, with a part of the error.
func refusedDumps(t *testing.T, dump []byte) map[string]struct{ dump, want string } {
	t.Helper()
	with := func(statements string) string {
		return tempFile(t, append(bytes.Clone(dump), []byte("\n"+statements+"\n-- Dump completed\n")...))
	}
	return map[string]struct{ dump, want string }{
		"a dump that was cut off": {tempFile(t, dump[:len(dump)-40]), "is truncated"},
		"a dump of something else": {
			tempFile(t, []byte("CREATE TABLE t (a INT) ENGINE=InnoDB;\n-- Dump completed\n")), "it contains no wiki",
		},
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

// foreignDump changes a dump into one of an old wiki on a server that other applications share.
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

// tempFile writes a file and returns its path.
func tempFile(t *testing.T, text []byte) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "file")
	require.NoError(t, os.WriteFile(path, text, 0o600))
	return path
}
