// Package mariadb signs in to a database from where MediaWiki does: a container that has PHP and MediaWiki's database library.
package mariadb

import (
	"context"
	"encoding/json"
)

// Login is how to sign in. Its password is never printed: it reaches PHP on stdin.
type Login struct {
	Host     string `json:"host"`
	User     string `json:"user"`
	Password string `json:"password"`
	Database string `json:"database"`
}

// queryScript signs in with MediaWiki's own database library, runs one statement, and prints its rows as JSON.
const queryScript = `
	mysqli_report(MYSQLI_REPORT_OFF);
	$in = json_decode(stream_get_contents(STDIN));
	$db = @mysqli_connect($in->host, $in->user, $in->password, $in->database);
	if (!$db) { fwrite(STDERR, 'error ' . mysqli_connect_errno() . ': ' . mysqli_connect_error()); exit(1); }
	$result = mysqli_query($db, $in->statement);
	if ($result === false) { fwrite(STDERR, 'error ' . mysqli_errno($db) . ': ' . mysqli_error($db)); exit(1); }
	echo json_encode($result === true ? [] : mysqli_fetch_all($result));`

// What MariaDB answers: https://mariadb.com/docs/server/reference/error-codes/mariadb-error-code-reference
const (
	AccessDenied  = "error 1045:"
	CommandDenied = "error 1142:"
	NoSuchTable   = "error 1146:"
)

// Exec runs a command where the query is to come from, with a text on its stdin, and returns what it prints.
type Exec func(ctx context.Context, stdin string, command ...string) (string, error)

// Query runs a statement and returns its rows.
func Query(ctx context.Context, exec Exec, as Login, statement string) ([][]string, error) {
	input, err := json.Marshal(struct {
		Login
		Statement string `json:"statement"`
	}{as, statement})
	if err != nil {
		return nil, err
	}
	printed, err := exec(ctx, string(input), "php", "-r", queryScript)
	if err != nil {
		return nil, err
	}
	var rows [][]string
	return rows, json.Unmarshal([]byte(printed), &rows)
}
