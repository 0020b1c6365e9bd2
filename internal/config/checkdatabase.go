package config

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/mediawiki-stack/mediawiki-stack/components"
)

// identifier is what MariaDB takes for the name of a database or a user without quoting.
// https://mariadb.com/docs/server/reference/sql-structure/sql-language-structure/identifier-names
var identifier = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_]*$`)

// Longest names, in characters, by the same page.
const (
	longestDatabase = 64
	longestUser     = 80
)

func (c *checker) database() {
	c.choice("database.mode", components.DatabaseModes)
	c.identifier("database.name", longestDatabase, "my_wiki")
	c.account("database.user", "wikiuser")
	if c.text("database.migrationUser") != "" {
		c.account("database.migrationUser", "wikimigration")
	}
	c.port("database.port", "3306")
	c.volume("database")
	switch c.text("database.mode") {
	case components.DatabaseExternal:
		c.external()
	case components.DatabaseStatefulSet:
		if c.text("database.user") == orDefault(c.text("database.migrationUser"), "wikimigration") {
			c.add("database.user", "another name than database.migrationUser, which may do more",
				set("database.user", "wikiuser"))
		}
		c.withoutEffect("with database.mode statefulset", "database.host", "database.port")
	case components.DatabaseSidecar:
		c.sidecar()
	}
}

func (c *checker) identifier(key string, longest int, example string) {
	if text := c.text(key); !identifier.MatchString(text) || len(text) > longest {
		c.add(key, fmt.Sprintf("at most %d letters, digits and underscores, not a digit first", longest), set(key, example))
	}
}

func (c *checker) account(key, example string) {
	c.identifier(key, longestUser, example)
	if c.text(key) == "root" {
		c.add(key, "a user of its own, not MariaDB's administrator", set(key, example))
	}
}

func (c *checker) external() {
	c.host("database.host", "mariadb.example.org")
	if c.text("databasePassword") == "" {
		c.report(Problem{
			Key: "databasePassword", Found: "missing", Want: "the password of database.user on the external database",
			Fix: setSecret("databasePassword"),
		})
	}
	if c.text("database.migrationUser") != "" && c.text("migrationPassword") == "" {
		c.report(Problem{
			Key: "migrationPassword", Found: "missing", Want: "the password of database.migrationUser on the external database",
			Fix: setSecret("migrationPassword"),
		})
	}
	c.withoutEffect("with database.mode external", "database.size", "database.storageClass", "database.bufferPool", "database.connections")
}

// sidecar finds settings of a wiki, where the article's own web installer makes it.
func (c *checker) sidecar() {
	var idle []string
	for _, key := range c.changed {
		part, _, _ := strings.Cut(key, ".")
		if slices.Contains([]string{"web", "cache", "objectCache", "uploads", "backups", "mail"}, part) || slices.Contains([]string{
			"migrationPassword", "adminPassword", "mailPassword", "backupsPassword", "remoteSecret",
			"siteName", "language", "timezone", "access", "adminUser", "skin", "skins", "extensions", "extraSettings",
			"database.host", "database.port", "database.migrationUser", "database.size", "database.storageClass",
			"database.bufferPool", "database.connections", "profile", "memory", "storage", "egress",
		}, key) {
			idle = append(idle, key)
		}
	}
	c.withoutEffect("with database.mode sidecar, which installs no wiki", idle...)
}

// withoutEffect reports settings that the stack makes in vain.
func (c *checker) withoutEffect(why string, keys ...string) {
	for _, key := range c.changed {
		if slices.Contains(keys, key) {
			c.report(Problem{Key: key, Found: "set, but has no effect " + why, Want: "no value", Fix: remove(key)})
		}
	}
}

func orDefault(text, otherwise string) string {
	if text == "" {
		return otherwise
	}
	return text
}
