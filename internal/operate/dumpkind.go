package operate

import (
	"bytes"
	"errors"
	"fmt"
	"regexp"
	"strings"
)

// inspected is how many bytes at the beginning and the end of a dump are looked at.
const inspected = 64 << 10

// dumpAgain is how a dump is made that is accepted.
const dumpAgain = "  dump again where the old wiki runs, with mariadb-dump or mysqldump:\n" +
	"  mariadb-dump --single-transaction --result-file=wiki.sql DATABASE"

// exportedPages is what can be done without a dump.
const exportedPages = "\n  pages and files can be imported, without users and their passwords, " +
	"by MediaWiki's importDump and importImages:\n" +
	"  docs/operating.md, \"Import a wiki\", says how"

// others are files that are not a dump in SQL for MariaDB, by how they begin.
var others = []struct {
	begins func(first []byte) bool
	what   string
}{
	{prefix("SQLite format 3\x00"), "is a database of SQLite, which cannot be imported" + exportedPages},
	{pattern(`^\s*PRAGMA foreign_keys`), "is a dump of SQLite, which cannot be imported" + exportedPages},
	{prefix("PGDMP"), "is a dump of PostgreSQL, which cannot be imported" + exportedPages},
	{pattern(`^(--.*\n|\s)*-- PostgreSQL database`), "is a dump of PostgreSQL, which cannot be imported" + exportedPages},
	{pattern(`^(<\?xml[^>]*>\s*)?<mediawiki`), "has pages as XML, and is not a dump of a database" + exportedPages},
	{pattern(`^(<\?xml[^>]*>\s*)?<(mysqldump|pma_xml_export|!-- *\n- phpMyAdmin)`), "was made as XML: export it as SQL, without --xml"},
	{pattern(`(?i)^\s*(<!DOCTYPE html|<html)`), "is a web page, and not the file that was to be downloaded"},
	{isUTF16, "is in UTF-16, as Windows PowerShell writes with >: bytes that are no text were lost\n" + dumpAgain},
	{isTar, "is a tar: unpack it. The first argument is the dump, the second one the images"},
	{prefix("7z\xbc\xaf\x27\x1c"), "is compressed by 7z: unpack it first"},
	{prefix("Rar!"), "is compressed by RAR: unpack it first"},
}

func prefix(text string) func([]byte) bool {
	return func(first []byte) bool { return bytes.HasPrefix(first, []byte(text)) }
}

func pattern(text string) func([]byte) bool { return regexp.MustCompile(text).Match }

// isUTF16 tells whether a text has a mark of UTF-16 at its beginning, or a zero in each second byte.
func isUTF16(first []byte) bool {
	return bytes.HasPrefix(first, []byte("\xff\xfe")) || bytes.HasPrefix(first, []byte("\xfe\xff")) ||
		len(first) > 3 && (first[0] == 0 && first[2] == 0 || first[1] == 0 && first[3] == 0)
}

func isTar(first []byte) bool {
	const at = 257
	return len(first) > at && bytes.HasPrefix(first[at:], []byte("ustar"))
}

// sql is in the first bytes of any dump in SQL.
var sql = regexp.MustCompile(`(CREATE|DROP) TABLE|CREATE DATABASE|INSERT INTO|SET NAMES|(--|#) (MySQL|MariaDB|phpMyAdmin|Adminer|Host:)`)

// checkKind refuses what does not begin as a dump in SQL does.
func checkKind(first []byte) error {
	first = bytes.TrimPrefix(first, []byte("\ufeff"))
	if len(bytes.TrimSpace(first)) == 0 {
		return errors.New("is empty\n" + dumpAgain)
	}
	for _, other := range others {
		if other.begins(first) {
			return errors.New(other.what)
		}
	}
	if !sql.Match(first) {
		return errors.New("is not a dump in SQL\n" + dumpAgain)
	}
	return nil
}

// end is how a dump ends that is whole.
type end struct {
	pattern *regexp.Regexp
	lines   int // at the end, empty ones not counted, of which one matches
}

// dumpEnd returns how a dump with these first bytes ends, after its last row. All programs set the variables back that they have
// changed. Besides, mysqldump and mariadb-dump say that they are done, phpMyAdmin ends a transaction, and Adminer notes the time.
func dumpEnd(first []byte) end {
	const back = `SET \w+ ?= ?(IFNULL\()?@OLD_`
	switch {
	case pattern(`(?m)^-- phpMyAdmin`)(first):
		return end{regexp.MustCompile(back + `|^COMMIT;`), 4}
	case pattern(`(?m)^-- Adminer`)(first):
		return end{regexp.MustCompile(`^-- \d{4}-\d\d-\d\d \d\d:\d\d:\d\d`), 1}
	}
	return end{regexp.MustCompile(back + `|^-- Dump completed`), 1}
}

// check refuses a dump of which these are the last bytes, unless it is whole.
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
	return fmt.Errorf("does not end as a dump does: it was cut off, or made with --compact. It ends with %q\n%s",
		text[max(0, len(text)-100):], dumpAgain)
}
