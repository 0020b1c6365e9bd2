package operate_test

import (
	"archive/zip"
	"bytes"
	"compress/gzip"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/klauspost/compress/zstd"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	batchv1 "k8s.io/api/batch/v1"
)

// dumpFile returns the path of a file with this text.
func dumpFile(t *testing.T, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "dump")
	require.NoError(t, os.WriteFile(path, []byte(text), 0o600))
	return path
}

// through compresses a text.
func through(t *testing.T, text string, pack func(io.Writer) (io.WriteCloser, error)) string {
	t.Helper()
	var packed bytes.Buffer
	out, err := pack(&packed)
	require.NoError(t, err)
	_, err = io.WriteString(out, text)
	require.NoError(t, err)
	require.NoError(t, out.Close())
	return packed.String()
}

func gzipped(t *testing.T, text string) string {
	t.Helper()
	return through(t, text, func(w io.Writer) (io.WriteCloser, error) { return gzip.NewWriter(w), nil })
}

// zipped returns a zip of files with the same text.
func zipped(t *testing.T, text string, names ...string) string {
	t.Helper()
	var packed bytes.Buffer
	archive := zip.NewWriter(&packed)
	for _, name := range names {
		file, err := archive.Create(name)
		require.NoError(t, err)
		_, err = io.WriteString(file, text)
		require.NoError(t, err)
	}
	require.NoError(t, archive.Close())
	return packed.String()
}

func TestImportReadsEveryCompressionOfADump(t *testing.T) {
	xz := exec.CommandContext(t.Context(), "xz")
	xz.Stdin = strings.NewReader(dumpText)
	throughXz, err := xz.Output()
	require.NoError(t, err)
	for name, packed := range map[string]string{
		"gzip":  gzipped(t, dumpText),
		"twice": gzipped(t, gzipped(t, dumpText)),
		"zstd":  through(t, dumpText, func(w io.Writer) (io.WriteCloser, error) { return zstd.NewWriter(w) }),
		"xz":    string(throughXz),
		"zip":   zipped(t, dumpText, "backup/wiki.sql", "README.txt", "__MACOSX/backup/._wiki.sql"),
	} {
		t.Run(name, func(t *testing.T) {
			given, err := importing(t, batchv1.JobComplete, "", dumpFile(t, packed), "")
			require.NoError(t, err)
			assert.Equal(t, map[string]string{"database": dumpText}, given)
		})
	}
	t.Run("bzip2", func(t *testing.T) {
		given, err := importing(t, batchv1.JobComplete, "", "testdata/dumps/whole.sql.bz2", "")
		require.NoError(t, err)
		assert.Contains(t, given["database"], "-- Dump completed on 2026-11-27")
	})
}

// Each file of testdata/dumps is a short dump, as a program writes it or as a transfer changes it.
func TestImportTakesWholeDumps(t *testing.T) {
	files, err := filepath.Glob("testdata/dumps/*.sql")
	require.NoError(t, err)
	require.NotEmpty(t, files)
	dumps := map[string]string{
		"a mark of UTF-8 before it": "\ufeff" + dumpText,
		"lines of Windows":          strings.ReplaceAll(dumpText, "\n", "\r\n"),
		"without comments": "CREATE TABLE `page` (`page_id` int);\n" +
			"/*!40101 SET SQL_MODE=@OLD_SQL_MODE */;\n/*!40111 SET SQL_NOTES=@OLD_SQL_NOTES */;\n",
		"of phpMyAdmin, without a transaction": "-- phpMyAdmin SQL Dump\nCREATE TABLE `page` (`page_id` int);\n" +
			"/*!40101 SET CHARACTER_SET_CLIENT=@OLD_CHARACTER_SET_CLIENT */;\n",
		"of Adminer":  "-- Adminer 4.8.1 MySQL dump\nSET NAMES utf8;\nCREATE TABLE `page` (`page_id` int);\n\n-- 2026-11-27 14:36:05\n",
		"of HeidiSQL": "-- Host: localhost\nCREATE TABLE `page` (`page_id` int);\n/*!40111 SET SQL_NOTES=IFNULL(@OLD_SQL_NOTES, 1) */;\n",
	}
	for _, file := range files {
		text, err := os.ReadFile(file)
		require.NoError(t, err)
		dumps[filepath.Base(file)] = string(text)
	}
	for name, text := range dumps {
		t.Run(name, func(t *testing.T) {
			given, err := importing(t, batchv1.JobComplete, "", dumpFile(t, text), "")
			require.NoError(t, err)
			assert.Equal(t, map[string]string{"database": text}, given)
		})
	}
}

func TestImportOfAnIncompleteDumpStartsNothing(t *testing.T) {
	utf16, err := os.ReadFile("testdata/dumps/utf16-head.bin")
	require.NoError(t, err)
	const head = "-- MariaDB dump 10.19\n/*!40101 SET @OLD_SQL_MODE=@@SQL_MODE, SQL_MODE='' */;\n"
	const again = "mariadb-dump --single-transaction --result-file=wiki.sql"
	for name, c := range map[string]struct{ text, says, does string }{
		"nothing":                  {" \n", "is empty", again},
		"the beginning":            {head, "is truncated", again},
		"an end in a row":          {head + "INSERT INTO `page` VALUES\n(1,0,'Main_Pa", "it ends with \"(1,0,'Main_Pa", again},
		"an error on the way":      {head + "mysqldump: Error 2013: Lost connection", "Error 2013: Lost connection", again},
		"phpMyAdmin, cut off":      {"-- phpMyAdmin SQL Dump\nCREATE TABLE `page` (`page_id` int);\n", "is truncated", again},
		"Adminer, cut off":         {"-- Adminer 4.8.1 MySQL dump\nCREATE TABLE `page` (`page_id` int);\n", "is truncated", again},
		"half of a compressed one": {gzipped(t, strings.Repeat(dumpText, 9000))[:2000], "cannot be read", again},
		"UTF-16":                   {string(utf16), "is in UTF-16", again},
		"UTF-16 without a mark":    {"-\x00-\x00 \x00M\x00", "is in UTF-16", again},
		"SQLite":                   {"SQLite format 3\x00\x10\x00", "is an SQLite database", "importDump"},
		"SQLite's dump":            {"PRAGMA foreign_keys=OFF;\nBEGIN TRANSACTION;\n", "is an SQLite dump", "importImages"},
		"PostgreSQL":               {"--\n-- PostgreSQL database dump\n--\n", "is a PostgreSQL dump", "importDump"},
		"PostgreSQL's own format":  {"PGDMP\x01\x0e", "is a PostgreSQL dump", "importDump"},
		"XML of pages":             {"<mediawiki xmlns=\"http://www.mediawiki.org/xml/export-0.11/\">", "pages as XML", "importDump"},
		"XML of tables":            {"<?xml version=\"1.0\"?>\n<mysqldump>", "is an XML dump", "export it as SQL"},
		"a web page":               {"<!DOCTYPE html><title>Sign in</title>", "is a web page", ""},
		"images":                   {tarText(t), "is a tar file", "unpack it"},
		"a zip without a dump":     {zipped(t, "x", "images/a/ab/Soup.png"), "0 of the 1 files in it have names of dumps", "unpack it"},
		"a zip of two":             {zipped(t, dumpText, "one.sql", "two.sql"), "2 of the 2 files in it have names of dumps", "unpack it"},
		"notes":                    {"Soup, then fish.", "is not an SQL dump", again},
	} {
		t.Run(name, func(t *testing.T) {
			given, err := importing(t, batchv1.JobComplete, "", dumpFile(t, c.text), "")
			require.ErrorContains(t, err, c.says)
			require.ErrorContains(t, err, c.does)
			assert.Empty(t, given)
		})
	}
	t.Run("a folder", func(t *testing.T) {
		given, err := importing(t, batchv1.JobComplete, "", t.TempDir(), "")
		require.ErrorContains(t, err, "is a directory")
		assert.Empty(t, given)
	})
	t.Run("a pipe", func(t *testing.T) {
		pipe := filepath.Join(t.TempDir(), "pipe")
		require.NoError(t, syscall.Mkfifo(pipe, 0o600))
		given, err := importing(t, batchv1.JobComplete, "", pipe, "")
		require.ErrorContains(t, err, "write it to a file first")
		assert.Empty(t, given)
	})
}

func tarText(t *testing.T) string {
	t.Helper()
	text, err := os.ReadFile(tarOf(t, "images", false, images))
	require.NoError(t, err)
	return string(text)
}
