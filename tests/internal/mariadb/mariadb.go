// Package mariadb queries a database from a container with PHP, as MediaWiki does.
package mariadb

import (
	"context"
	"encoding/json"
)

// Login has the connection settings. The password is passed to PHP on stdin and never printed.
type Login struct {
	Host     string `json:"host"`
	User     string `json:"user"`
	Password string `json:"password"`
	Database string `json:"database"`
}

// queryScript connects with mysqli, as MediaWiki does, runs one statement, and prints its rows as JSON.
const queryScript = `
	mysqli_report(MYSQLI_REPORT_OFF);
	$in = json_decode(stream_get_contents(STDIN));
	$db = @mysqli_connect($in->host, $in->user, $in->password, $in->database);
	if (!$db) { fwrite(STDERR, 'error ' . mysqli_connect_errno() . ': ' . mysqli_connect_error()); exit(1); }
	$result = mysqli_query($db, $in->statement);
	if ($result === false) { fwrite(STDERR, 'error ' . mysqli_errno($db) . ': ' . mysqli_error($db)); exit(1); }
	echo json_encode($result === true ? [] : mysqli_fetch_all($result));`

// Errors of MariaDB: https://mariadb.com/docs/server/reference/error-codes/mariadb-error-code-reference
const (
	AccessDenied  = "error 1045:"
	CommandDenied = "error 1142:"
	NoSuchTable   = "error 1146:"
)

// Exec runs a command with a text on stdin in the container that queries, and returns its output.
type Exec func(ctx context.Context, stdin string, command ...string) (string, error)

// Query runs a statement and returns its rows.
func Query(ctx context.Context, exec Exec, login Login, statement string) ([][]string, error) {
	input, err := json.Marshal(struct {
		Login
		Statement string `json:"statement"`
	}{login, statement})
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
