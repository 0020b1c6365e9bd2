package operate

import (
	"bytes"
	"errors"
	"fmt"
	"regexp"
	"strings"
)

// inspected is how many bytes of the beginning and the end of a dump are checked.
const inspected = 64 << 10

// dumpAgain explains how to create a dump that is accepted.
const dumpAgain = "  create the dump again where the old wiki runs, with mariadb-dump or mysqldump:\n" +
	"  mariadb-dump --single-transaction --result-file=wiki.sql DATABASE"

// exportedPages explains the import without a dump.
const exportedPages = "\n  MediaWiki's importDump and importImages can import pages and files, but no users and passwords:\n" +
	"  see \"Import a wiki\" in docs/operating.md"

// otherFormats are files that are not an SQL dump for MariaDB, recognised by their beginning.
var otherFormats = []struct {
	begins func(head []byte) bool
	what   string
}{
	{prefix("SQLite format 3\x00"), "is an SQLite database, which cannot be imported" + exportedPages},
	{pattern(`^\s*PRAGMA foreign_keys`), "is an SQLite dump, which cannot be imported" + exportedPages},
	{prefix("PGDMP"), "is a PostgreSQL dump, which cannot be imported" + exportedPages},
	{pattern(`^(--.*\n|\s)*-- PostgreSQL database`), "is a PostgreSQL dump, which cannot be imported" + exportedPages},
	{pattern(`^(<\?xml[^>]*>\s*)?<mediawiki`), "contains pages as XML, and is not a database dump" + exportedPages},
	{pattern(`^(<\?xml[^>]*>\s*)?<(mysqldump|pma_xml_export|!-- *\n- phpMyAdmin)`), "is an XML dump: export it as SQL, without --xml"},
	{pattern(`(?i)^\s*(<!DOCTYPE html|<html)`), "is a web page, not the dump: download it again"},
	{isUTF16, "is in UTF-16, as written by > in Windows PowerShell, which loses all bytes that are not text\n" + dumpAgain},
	{isTar, "is a tar file: unpack it; the first argument is the dump, and the second is the images"},
	{prefix("7z\xbc\xaf\x27\x1c"), "is a 7z archive: unpack it first"},
	{prefix("Rar!"), "is a RAR archive: unpack it first"},
}

func prefix(text string) func([]byte) bool {
	return func(head []byte) bool { return bytes.HasPrefix(head, []byte(text)) }
}

func pattern(text string) func([]byte) bool { return regexp.MustCompile(text).Match }

// isUTF16 reports whether a text begins with a byte order mark of UTF-16, or every second byte is zero.
func isUTF16(head []byte) bool {
	return bytes.HasPrefix(head, []byte("\xff\xfe")) || bytes.HasPrefix(head, []byte("\xfe\xff")) ||
		len(head) > 3 && (head[0] == 0 && head[2] == 0 || head[1] == 0 && head[3] == 0)
}

func isTar(head []byte) bool {
	const offset = 257
	return len(head) > offset && bytes.HasPrefix(head[offset:], []byte("ustar"))
}

// sql matches the first bytes of every SQL dump.
var sql = regexp.MustCompile(`(CREATE|DROP) TABLE|CREATE DATABASE|INSERT INTO|SET NAMES|(--|#) (MySQL|MariaDB|phpMyAdmin|Adminer|Host:)`)

// checkFormat refuses a file that does not begin like an SQL dump.
func checkFormat(head []byte) error {
	head = bytes.TrimPrefix(head, []byte("\ufeff"))
	if len(bytes.TrimSpace(head)) == 0 {
		return errors.New("is empty\n" + dumpAgain)
	}
	for _, other := range otherFormats {
		if other.begins(head) {
			return errors.New(other.what)
		}
	}
	if !sql.Match(head) {
		return errors.New("is not an SQL dump\n" + dumpAgain)
	}
	return nil
}

// end describes the end of a complete dump.
type end struct {
	pattern *regexp.Regexp
	lines   int // how many of the last non-empty lines may contain it
}

// dumpEnd returns how a dump that begins with these bytes ends after its last row. All programs restore the variables that they have
// changed. Also, mysqldump and mariadb-dump write that they are done, phpMyAdmin commits a transaction, and Adminer writes the time.
func dumpEnd(head []byte) end {
	const restored = `SET \w+ ?= ?(IFNULL\()?@OLD_`
	switch {
	case pattern(`(?m)^-- phpMyAdmin`)(head):
		return end{regexp.MustCompile(restored + `|^COMMIT;`), 4}
	case pattern(`(?m)^-- Adminer`)(head):
		return end{regexp.MustCompile(`^-- \d{4}-\d\d-\d\d \d\d:\d\d:\d\d`), 1}
	}
	return end{regexp.MustCompile(restored + `|^-- Dump completed`), 1}
}

// check refuses a dump with these last bytes unless it is complete.
func (e end) check(last []byte) error {
	lines := strings.FieldsFunc(string(last), func(c rune) bool { return c == '\n' || c == '\r' })
	for len(lines) > 0 && strings.TrimSpace(lines[len(lines)-1]) == "" {
		lines = lines[:len(lines)-1]
	}
	lines = lines[max(0, len(lines)-e.lines):]
	for _, line := range lines {
		if e.pattern.MatchString(line) {
			return nil
		}
	}
	text := strings.Join(lines, "\n")
	return fmt.Errorf("is truncated, or was created with --compact: it ends with %q\n%s",
		text[max(0, len(text)-100):], dumpAgain)
}
