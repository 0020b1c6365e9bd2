package components

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// tablesOf passes a dump through the function "tables" of scratch.sh, and returns the output and what was left out.
func tablesOf(t *testing.T, dump string) (passed string, left []string) {
	t.Helper()
	file := filepath.Join(t.TempDir(), "left")
	const script = "files/mediawiki/sidecars/scratch.sh"
	tables := exec.CommandContext(t.Context(), "bash", "-uc", `. "$0" && tables "$1"`, script, file)
	tables.Stdin = strings.NewReader(dump)
	printed, err := tables.Output()
	require.NoError(t, err)
	if text, err := os.ReadFile(file); err == nil {
		left = strings.Split(strings.TrimSpace(string(text)), "\n")
	}
	return string(printed), left
}

// fourTables are the tables in each file of internal/operate/testdata/dumps, besides what the file is for.
const fourTables = "CREATE TABLE `page` (`page_id` int);\nCREATE TABLE `revision` (`rev_id` int);\n" +
	"CREATE TABLE `user` (`user_id` int);\nCREATE TABLE `updatelog` (`ul_key` varchar(255));\n"

func TestOnlyTablesAndTheirRowsAreLoaded(t *testing.T) {
	for file, want := range map[string][]string{
		"gtid.sql": nil, "warning-line.sql": nil, "blank-line-at-end.sql": nil,
		"view.sql": {"view v"}, "view-without-definer.sql": {"view v"}, "trigger.sql": {"trigger t"}, "routine.sql": {"procedure p"},
	} {
		t.Run(file, func(t *testing.T) {
			text, err := os.ReadFile("../internal/operate/testdata/dumps/" + file)
			require.NoError(t, err)
			passed, left := tablesOf(t, string(text))
			assert.Equal(t, fourTables, passed)
			assert.Equal(t, want, left)
		})
	}
	const rows = "INSERT INTO `page` VALUES\n(1,'CREATE VIEW `v` AS SELECT 1;\\n-- DELIMITER ;;'),\n(2,'USE `mysql`;');\n"
	for name, c := range map[string]struct {
		dump, passed string
		left         []string
	}{
		"a view as mariadb-dump writes it": {
			"/*!50001 CREATE VIEW `v` AS SELECT\n 1 AS `page_id` */;\n" + rows + "/*!50001 DROP VIEW IF EXISTS `v`*/;\n" +
				"/*!50001 CREATE ALGORITHM=UNDEFINED */\n/*!50013 DEFINER=`root`@`localhost` SQL SECURITY DEFINER */\n" +
				"/*!50001 VIEW `v` AS select `page`.`page_id` AS `page_id` from `page` */;\n", rows, []string{"view v"},
		},
		"a view as older versions write it": {
			"/*!50001 CREATE TABLE `v` (\n  `page_id` tinyint NOT NULL\n) ENGINE=MyISAM */;\n" + rows, rows, nil,
		},
		"a trigger as mariadb-dump writes it": {
			rows + "DELIMITER ;;\n/*!50003 CREATE*/ /*!50017 DEFINER=`root`@`localhost`*/ /*!50003 TRIGGER t BEFORE INSERT ON page " +
				"FOR EACH ROW BEGIN\n  SET NEW.page_id = 1;\nEND */;;\nDELIMITER ;\n" + rows, rows + rows, []string{"trigger t"},
		},
		"all databases": {
			"USE `mysql`;\nCREATE TABLE `user` (a int);\nINSERT INTO `user` VALUES (1);\nUSE `wiki`;\n" + rows, "USE `wiki`;\n" + rows, nil,
		},
		"a replica's position": {
			"SET @@SESSION.SQL_LOG_BIN= 0;\nSET @@GLOBAL.GTID_PURGED=/*!80000 '+'*/ 'a:1-9,\nb:1-3';\n" +
				"CHANGE MASTER TO MASTER_LOG_POS=4;\n" + rows,
			rows, nil,
		},
		"collations of MySQL 8": {
			"CREATE TABLE `t` (\n  `a` text COLLATE utf8mb4_0900_as_cs\n) DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_0900_ai_ci;\n",
			"CREATE TABLE `t` (\n  `a` text COLLATE utf8mb4_unicode_ci\n) DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;\n", nil,
		},
		"a byte order mark, comments, the client's sandbox": {
			"\ufeff/*M!999999\\- enable the sandbox mode */ \n/* two\nlines; */\n# a comment\n" + rows,
			"/*M!999999\\- enable the sandbox mode */ \n" + rows, nil,
		},
	} {
		t.Run(name, func(t *testing.T) {
			passed, left := tablesOf(t, c.dump)
			assert.Equal(t, c.passed, passed)
			assert.Equal(t, c.left, left)
		})
	}
}
