package test

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"syscall"
	"testing"
)

// dataDirectory is where the image declares its volume.
const dataDirectory = "/var/lib/mysql"

// quick skips the import of time zones, which takes seconds and which only one test needs.
const quick = "MARIADB_INITDB_SKIP_TZINFO=1"

// startDatabase runs the MariaDB image as user 999 on the given data directory.
func startDatabase(t *testing.T, data string, env ...string) *container {
	t.Helper()
	return start(t, spec{image: mariadb, user: 999, env: env, binds: map[string]string{dataDirectory: data}})
}

// healthy runs the health check that the project's probes use.
func (c *container) healthy() error {
	_, err := c.exec("healthcheck.sh", "--connect", "--innodb_initialized")
	return err
}

// serves waits until the health check passes.
func (c *container) serves() *container {
	c.t.Helper()
	c.eventually("passed its health check", c.healthy)
	return c
}

// query runs SQL over the network, as a client in the same Pod would.
func (c *container) query(user, password, database, sql string) (string, error) {
	output, err := c.exec("env", "MYSQL_PWD="+password, "mariadb", "--no-defaults", "--host=127.0.0.1", "--protocol=tcp",
		"--skip-ssl", "--user="+user, "--batch", "--skip-column-names", "--execute="+sql, database)
	return strings.TrimSpace(output), err
}

// answers fails the test unless the query's result is want.
func (c *container) answers(user, password, database, sql, want string) {
	c.t.Helper()
	got, err := c.query(user, password, database, sql)
	must(c.t, err)
	if got != want {
		c.t.Errorf("%s: got %q, want %q", sql, got, want)
	}
}

// refuses fails the test unless the container ends with a failure and the given message.
func (c *container) refuses(message string) {
	c.t.Helper()
	if code := c.wait(); code == 0 || !strings.Contains(c.log.String(), message) {
		c.t.Errorf("exit code %d, want a failure that says %q", code, message)
	}
}

func TestMariaDBImageDeclaresVersionCommandAndPort(t *testing.T) {
	t.Parallel()
	config := mariadb.config
	if version := config.env("MARIADB_VERSION"); !regexp.MustCompile(`^(1:)?\d+\.\d+\.\d+`).MatchString(version) {
		t.Errorf("MARIADB_VERSION=%q", version)
	}
	if !slices.Equal(config.Entrypoint, []string{"docker-entrypoint.sh"}) || !slices.Equal(config.Cmd, []string{"mariadbd"}) {
		t.Errorf("entry point %q and command %q", config.Entrypoint, config.Cmd)
	}
	if _, ok := config.Volumes[dataDirectory]; !ok {
		t.Errorf("no volume at %s: %v", dataDirectory, config.Volumes)
	}
	if _, ok := config.ExposedPorts["3306/tcp"]; !ok {
		t.Errorf("port 3306 is not declared: %v", config.ExposedPorts)
	}
}

// The article's own four variables, under the restricted Pod Security Standard.
func TestArticlesVariablesCreateTheDatabase(t *testing.T) {
	t.Parallel()
	c := startDatabase(t, directory(t),
		"MYSQL_DATABASE=my_wiki", "MYSQL_USER=wikiuser", "MYSQL_PASSWORD=example", "MYSQL_RANDOM_ROOT_PASSWORD=yes").serves()
	c.answers("wikiuser", "example", "my_wiki", "SELECT current_user()", "wikiuser@%")
	c.answers("wikiuser", "example", "my_wiki", "CREATE TABLE page (title TEXT); SHOW TABLES", "page")
}

func TestRandomRootPasswordIsPrintedAndWorks(t *testing.T) {
	t.Parallel()
	c := startDatabase(t, directory(t), "MARIADB_RANDOM_ROOT_PASSWORD=1", "MARIADB_DATABASE=wiki_db",
		"MARIADB_USER=wiki", "MARIADB_PASSWORD=secret").serves()
	found := regexp.MustCompile(`GENERATED ROOT PASSWORD: (\S+)`).FindStringSubmatch(c.log.String())
	if found == nil {
		t.Fatal("no root password printed")
	}
	c.answers("root", found[1], "mysql", "SELECT current_user()", "root@%")
	c.answers("root", found[1], "mysql", "SELECT db FROM db WHERE user = 'wiki'", `wiki\\_db`)
	c.answers("root", found[1], "mysql", "SELECT @@host_cache_size, @@skip_name_resolve", "0\t1")
	c.answers("root", found[1], "mysql", "SELECT count(*) > 0 FROM time_zone_name", "1")
	c.answers("root", found[1], "mysql", "SELECT group_concat(user, '@', host ORDER BY user, host SEPARATOR ' ') FROM global_priv",
		"healthcheck@127.0.0.1 healthcheck@::1 healthcheck@localhost mariadb.sys@localhost root@% root@localhost wiki@%")

	environment, err := os.ReadFile(fmt.Sprintf("/proc/%d/environ", c.pid))
	must(t, err)
	if strings.Contains(string(environment), found[1]) || strings.Contains(string(environment), "secret") {
		t.Errorf("the server's environment holds a password: %q", environment)
	}
}

func TestSecretsMayBeInFilesAndHaveAnyCharacter(t *testing.T) {
	t.Parallel()
	const password = `it's $HOME "quoted" \back\ and %`
	secrets := directory(t)
	must(t, os.WriteFile(filepath.Join(secrets, "user"), []byte(password+"\n"), 0o644))
	must(t, os.WriteFile(filepath.Join(secrets, "root"), []byte(password+"r"), 0o644))
	c := start(t, spec{
		image: mariadb, user: 999,
		env: []string{
			quick, "MARIADB_ROOT_PASSWORD_FILE=/mnt/root", "MYSQL_PASSWORD_FILE=/mnt/user", "MARIADB_USER=wiki", "MARIADB_DATABASE=wiki",
		},
		binds: map[string]string{dataDirectory: directory(t), "/mnt": secrets},
	}).serves()
	c.answers("wiki", password, "wiki", "SELECT 1", "1")
	c.answers("root", password+"r", "wiki", "SELECT 1", "1")
	if _, err := c.query("root", "", "wiki", "SELECT 1"); err == nil {
		t.Error("root needs no password")
	}
}

func TestContradictoryOrMissingVariablesAreRefused(t *testing.T) {
	t.Parallel()
	for message, env := range map[string][]string{
		"Both MARIADB_PASSWORD and MARIADB_PASSWORD_FILE are set":  {"MARIADB_PASSWORD=a", "MARIADB_PASSWORD_FILE=/etc/hostname"},
		"Both MYSQL_DATABASE and MYSQL_DATABASE_FILE are set":      {"MYSQL_DATABASE=a", "MYSQL_DATABASE_FILE=/etc/hostname"},
		"Database is uninitialized and password option is not spe": {"MARIADB_DATABASE=wiki"},
		"Cannot specify MARIADB_ROOT_PASSWORD_HASH and another":    {"MARIADB_ROOT_PASSWORD_HASH=*1", "MARIADB_RANDOM_ROOT_PASSWORD=1"},
	} {
		t.Run(message, func(t *testing.T) {
			t.Parallel()
			data := directory(t)
			startDatabase(t, data, env...).refuses(message)
			if left, err := os.ReadDir(data); err != nil || len(left) > 0 {
				t.Errorf("the data directory is no longer empty: %v %v", left, err)
			}
		})
	}
}

func TestContainerThatStartsAsRootGivesTheDataToUser999(t *testing.T) {
	t.Parallel()
	data := directory(t)
	must(t, os.Mkdir(filepath.Join(data, "of-root"), 0o700))
	c := start(t, spec{
		image: mariadb, user: 0, env: []string{quick, "MARIADB_ALLOW_EMPTY_ROOT_PASSWORD=1"},
		binds: map[string]string{dataDirectory: data},
	}).serves()
	for _, path := range []string{fmt.Sprintf("/proc/%d", c.pid), data, filepath.Join(data, "of-root"), filepath.Join(data, "mysql")} {
		info, err := os.Stat(path)
		must(t, err)
		if owner := info.Sys().(*syscall.Stat_t).Uid; owner != 999 {
			t.Errorf("%s belongs to user %d, want 999", path, owner)
		}
	}
}

func TestMountedConfigurationIsReadLast(t *testing.T) {
	t.Parallel()
	configuration := directory(t)
	const text = "[mariadb]\nmax_connections=41\ncharacter-set-server=binary\ncollation-server=binary\n"
	must(t, os.WriteFile(filepath.Join(configuration, "wiki.cnf"), []byte(text), 0o644))
	c := start(t, spec{
		image: mariadb, user: 999, env: []string{quick, "MARIADB_ROOT_PASSWORD=r"},
		binds: map[string]string{dataDirectory: directory(t), "/etc/mysql/conf.d": configuration},
	}).serves()
	c.answers("root", "r", "mysql", "SELECT @@max_connections, @@character_set_server", "41\tbinary")
}
