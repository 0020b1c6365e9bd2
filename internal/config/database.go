package config

import (
	"cmp"
	"fmt"
	"regexp"
	"strconv"

	"github.com/mediawiki-stack/mediawiki-stack/internal/choices"
)

// Database is where pages are stored.
type Database struct {
	Mode              string `config:"database.mode"`
	Image             string `config:"images.mariadb"`
	Name              string `config:"database.name"`
	User              string `config:"database.user"`
	Password          string `config:"databasePassword,secret"`
	MigrationUser     string `config:"database.migrationUser" modes:"statefulset external"` // empty is the component's default
	MigrationPassword string `config:"migrationPassword,secret" modes:"statefulset external"`
	Host              string `config:"database.host" modes:"external"`
	Port              int    `config:"database.port" modes:"external"`
	Volume            Volume `config:"database" modes:"statefulset"`
	Replicas          int    `config:"database.replicas" modes:"statefulset"`
	ReplicaTimeout    int    `config:"database.replicaTimeout" modes:"statefulset"` // seconds
	BufferPool        int    `config:"database.bufferPool" modes:"statefulset"`     // MiB; 0 is the profile's
	Connections       int    `config:"database.connections" modes:"statefulset"`    // 0 is the component's default
}

// defaultMigrationUser is the component's default for a database of its own.
const defaultMigrationUser = "wikimigration"

// maxReplicaTimeout is the largest number of seconds that an edit may wait for the replica.
const maxReplicaTimeout = 3600

// identifier matches names of databases and users that MariaDB accepts without quoting.
// https://mariadb.com/docs/server/reference/sql-structure/sql-language-structure/identifier-names
var identifier = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_]*$`)

// Maximum lengths of names, in characters, from the same page.
const (
	maxDatabaseName = 64
	maxUserName     = 80
)

func (c *checker) database() {
	db := c.cfg.Database
	c.choice("database.mode", db.Mode, choices.DatabaseModes)
	c.identifier("database.name", db.Name, maxDatabaseName, c.reset("database.name"))
	c.account("database.user", db.User, c.reset("database.user"))
	if db.MigrationUser != "" {
		c.account("database.migrationUser", db.MigrationUser, set("database.migrationUser", defaultMigrationUser))
	}
	c.port("database.port", db.Port)
	c.volume("database", db.Volume)
	if db.Replicas < 1 || db.Replicas > 2 {
		fix := set("database.replicas", strconv.Itoa(min(max(db.Replicas, 1), 2)))
		c.add("database.replicas", "1, or 2 for a copy on another node", fix)
	}
	if db.ReplicaTimeout < 0 || db.ReplicaTimeout > maxReplicaTimeout {
		c.add("database.replicaTimeout", fmt.Sprintf("0 to %d seconds", maxReplicaTimeout), c.reset("database.replicaTimeout"))
	}
	switch db.Mode {
	case choices.DatabaseExternal:
		c.external()
	case choices.DatabaseStatefulSet:
		if db.User == cmp.Or(db.MigrationUser, defaultMigrationUser) {
			c.add("database.user", "another name than database.migrationUser, which has more privileges", c.reset("database.user"))
		}
	}
}

func (c *checker) identifier(key, name string, most int, fix string) {
	if !identifier.MatchString(name) || len(name) > most {
		c.add(key, fmt.Sprintf("at most %d letters, digits and underscores, not beginning with a digit", most), fix)
	}
}

func (c *checker) account(key, name, fix string) {
	c.identifier(key, name, maxUserName, fix)
	if name == "root" {
		c.add(key, "a user other than MariaDB's administrator", fix)
	}
}

func (c *checker) external() {
	db := c.cfg.Database
	c.host("database.host", db.Host, "mariadb.example.org")
	if db.Password == "" {
		c.addSecret("databasePassword", "missing", "the password of database.user on the external database")
	}
	if db.MigrationUser != "" && db.MigrationPassword == "" {
		c.addSecret("migrationPassword", "missing", "the password of database.migrationUser on the external database")
	}
}
