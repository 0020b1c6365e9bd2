package test

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

const initDirectory = "/docker-entrypoint-initdb.d"

// startHeld runs the image with an init script that waits for a file "go" in the returned directory. Until then, the temporary server
// runs.
func startHeld(t *testing.T, data string) (c *container, hold string) {
	t.Helper()
	scripts, hold := directory(t), directory(t)
	const script = "touch /mnt/held; until [ -e /mnt/go ]; do sleep 0.02; done\n"
	must(t, os.WriteFile(filepath.Join(scripts, "hold.sh"), []byte(script), 0o644))
	c = start(t, spec{
		image: mariadb, user: 999, env: []string{quick, "MARIADB_ROOT_PASSWORD=r", "MARIADB_DATABASE=wiki"},
		binds: map[string]string{dataDirectory: data, initDirectory: scripts, "/mnt": hold},
	})
	c.eventually("reached its init script", func() error {
		_, err := os.Stat(filepath.Join(hold, "held"))
		return err
	})
	return c, hold
}

func TestHealthCheckFailsUntilSetUpIsOver(t *testing.T) {
	t.Parallel()
	c, hold := startHeld(t, directory(t))
	if _, err := c.exec("healthcheck.sh", "--no-connect", "--innodb_initialized"); err != nil {
		t.Errorf("the temporary server is up, and a check without connections says otherwise: %v", err)
	}
	if err := c.healthy(); err == nil || !strings.Contains(err.Error(), "healthcheck connect failed") {
		t.Errorf("health check during set-up: %v, want that it fails at connect", err)
	}
	must(t, os.WriteFile(filepath.Join(hold, "go"), nil, 0o644))
	c.serves()
	if _, err := c.exec("healthcheck.sh", "--no_such_test"); err == nil {
		t.Error("a test that does not exist passes")
	}
}

func TestInitScriptsRunOnceInOrder(t *testing.T) {
	t.Parallel()
	data, scripts := directory(t), directory(t)
	write := func(name, text string, compress ...string) {
		path := filepath.Join(scripts, name)
		must(t, os.WriteFile(path, []byte(text), 0o644))
		if compress != nil {
			must(t, exec.CommandContext(t.Context(), compress[0], append(compress[1:], path)...).Run())
		}
	}
	write("1.sql", "CREATE TABLE seen (id SERIAL, what TEXT); INSERT INTO seen (what) VALUES ('sql');")
	write("2.sql", "INSERT INTO seen (what) VALUES ('gz');", "gzip")
	write("3.sql", "INSERT INTO seen (what) VALUES ('xz');", "xz")
	write("4.sql", "INSERT INTO seen (what) VALUES ('zst');", "zstd", "--quiet", "--rm")
	write("5.sh", `docker_process_sql <<<"INSERT INTO seen (what) VALUES ('sourced')"`)
	write("6.txt", "not a script")
	write("7.sh", "#!/bin/sh\ntouch /var/lib/mysql/executed\n")
	must(t, os.Chmod(filepath.Join(scripts, "7.sh"), 0o755))
	s := spec{
		image: mariadb, user: 999, env: []string{quick, "MARIADB_ROOT_PASSWORD=r", "MARIADB_DATABASE=wiki"},
		binds: map[string]string{dataDirectory: data, initDirectory: scripts},
	}
	for range 2 {
		c := start(t, s).serves()
		c.answers("root", "r", "wiki", "SELECT group_concat(what ORDER BY id) FROM seen", "sql,gz,xz,zst,sourced")
		c.kill("TERM")
		if code := c.wait(); code != 0 {
			t.Fatalf("stopped with exit code %d", code)
		}
	}
	if _, err := os.Stat(filepath.Join(data, "executed")); err != nil {
		t.Error("the executable script did not run:", err)
	}
}

func TestRestartKeepsDataAndIgnoresVariables(t *testing.T) {
	t.Parallel()
	data := directory(t)
	first := startDatabase(t, data, quick, "MARIADB_ROOT_PASSWORD=r", "MARIADB_DATABASE=wiki").serves()
	first.answers("root", "r", "wiki", "CREATE TABLE page (title TEXT); INSERT INTO page VALUES ('Main Page')", "")
	first.kill("TERM")
	if code := first.wait(); code != 0 {
		t.Fatalf("stopped with exit code %d", code)
	}

	second := startDatabase(t, data, "MARIADB_ROOT_PASSWORD=other", "MARIADB_AUTO_UPGRADE=1").serves()
	second.says("MariaDB upgrade not required")
	second.answers("root", "r", "wiki", "SELECT title FROM page", "Main Page")
	second.kill("TERM")
	second.wait()

	// The directory now looks like an older server's: its system tables are saved, then upgraded.
	information := filepath.Join(data, "mariadb_upgrade_info")
	if strings.HasPrefix(mariadb.config.env("MARIADB_VERSION"), "10.") {
		information = filepath.Join(data, "mysql_upgrade_info")
	}
	must(t, os.WriteFile(information, []byte("10.6.1-MariaDB"), 0o644))
	must(t, os.Remove(filepath.Join(data, ".my-healthcheck.cnf")))
	third := startDatabase(t, data, "MARIADB_AUTO_UPGRADE=1").serves()
	third.says("Finished mariadb-upgrade")
	third.answers("root", "r", "wiki", "SELECT title FROM page", "Main Page")
	backup := filepath.Join(data, "system_mysql_backup_10.6.1-MariaDB.sql.zst")
	saved, err := exec.CommandContext(t.Context(), "zstd", "-dc", backup).Output()
	must(t, err)
	if !strings.Contains(string(saved), "global_priv") {
		t.Error("the saved system tables do not hold the accounts")
	}
	if now, err := os.ReadFile(information); err != nil || !strings.HasPrefix(string(now), mariadb.config.env("MARIADB_VERSION")) {
		t.Errorf("%s says %q (%v) after the upgrade", information, now, err)
	}
}

// The official image has this weakness. The stand-in has it, too, because the product has to handle it.
func TestKillDuringInstallLeavesADirectoryThatCannotStart(t *testing.T) {
	t.Parallel()
	data := directory(t)
	first := startDatabase(t, data, quick, "MARIADB_ROOT_PASSWORD=r")
	first.eventually("begun to install", func() error {
		_, err := os.Stat(filepath.Join(data, "mysql"))
		return err
	})
	first.kill("KILL")
	first.wait()
	if strings.Contains(first.log.String(), "Database files initialized") {
		t.Fatal("killed too late: the files were complete")
	}
	for range 2 {
		startDatabase(t, data, quick, "MARIADB_ROOT_PASSWORD=r").refuses("Unknown/unsupported storage engine: InnoDB")
	}
}

func TestRestartCompletesASetUpThatWasKilled(t *testing.T) {
	t.Parallel()
	data := directory(t)
	first, _ := startHeld(t, data)
	first.kill("KILL")
	first.wait()
	second := startDatabase(t, data, "MARIADB_ROOT_PASSWORD=ignored").serves()
	second.answers("root", "r", "wiki", "SELECT 1", "1")
}

func TestRootPasswordMayBeAHash(t *testing.T) {
	t.Parallel()
	// PASSWORD('mariadb')
	c := startDatabase(t, directory(t), quick, "MARIADB_ROOT_PASSWORD_HASH=*54958E764CE10E50764C2EECBB71D01F08549980").serves()
	c.answers("root", "mariadb", "mysql", "SELECT 1", "1")
	if _, err := c.exec("mariadb", "--no-defaults", "--user=root", "--socket=/run/mysqld/mysqld.sock", "--execute=SELECT 1"); err == nil {
		t.Error(errors.New("root gets in over the socket without a password"))
	}
}
