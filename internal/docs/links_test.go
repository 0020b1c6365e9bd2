package main

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// read returns the texts of the files below a folder of the checkout whose names end with suffix, by path. It skips hidden folders.
func read(t *testing.T, folder, suffix string) map[string]string {
	t.Helper()
	root := filepath.Join(checkout, folder)
	var names []string
	require.NoError(t, filepath.WalkDir(root, func(name string, entry fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case entry.IsDir() && strings.HasPrefix(entry.Name(), ".") && name != root:
			return filepath.SkipDir
		case entry.Type().IsRegular() && strings.HasSuffix(name, suffix):
			names = append(names, name)
		}
		return nil
	}))
	require.NotEmpty(t, names, "%s*%s", folder, suffix)
	texts := make(map[string]string)
	for _, name := range names {
		text, err := os.ReadFile(name)
		require.NoError(t, err)
		texts[name] = string(text)
	}
	return texts
}

func TestLinksHaveTargets(t *testing.T) {
	documents := read(t, "", ".md")
	link := regexp.MustCompile(`\]\(([^)#:\s]*)(#[^)]*)?\)`)
	for name, text := range documents {
		for _, found := range link.FindAllStringSubmatch(text, -1) {
			target, anchor := name, found[2]
			if found[1] != "" {
				target = filepath.Join(filepath.Dir(name), found[1])
				_, err := os.Stat(target)
				require.NoErrorf(t, err, "%s links to %s", name, found[1])
			}
			if anchor != "" && filepath.Ext(target) == ".md" {
				assert.Containsf(t, anchors(documents[target]), anchor, "%s links to a heading that %s does not have", name, target)
			}
		}
	}
}

// anchors returns the links to the headings of a document, as GitHub makes them.
func anchors(document string) []string {
	headings := regexp.MustCompile(`(?m)^#+ (.*)$`).FindAllStringSubmatch(document, -1)
	dropped := regexp.MustCompile(`[^\p{L}\p{N} _-]`)
	found := make([]string, 0, len(headings))
	for _, heading := range headings {
		text := dropped.ReplaceAllString(strings.ToLower(heading[1]), "")
		found = append(found, "#"+strings.ReplaceAll(text, " ", "-"))
	}
	return found
}

func TestEveryDecisionIsInTheIndex(t *testing.T) {
	pages := read(t, "docs/decisions", ".md")
	index := filepath.Join(checkout, "docs/decisions/README.md")
	for page := range pages {
		if page != index {
			assert.Contains(t, pages[index], "]("+filepath.Base(page)+")")
		}
	}
}

func TestMakeHasTheTargetsThatDocumentsName(t *testing.T) {
	makefile, err := os.ReadFile(filepath.Join(checkout, "Makefile"))
	require.NoError(t, err)
	command := regexp.MustCompile("(?m)(?:`|^    |&& )make ([a-z-]+)")
	for name, text := range read(t, "", ".md") {
		for _, found := range command.FindAllStringSubmatch(text, -1) {
			assert.Containsf(t, string(makefile), "\n.PHONY: "+found[1]+"\n", "%s names make %s", name, found[1])
		}
	}
}

func TestDocumentsNameTestsThatExist(t *testing.T) {
	var tests []string
	function := regexp.MustCompile(`(?m)^func (Test\w+)\(`)
	for _, text := range read(t, "", "_test.go") {
		for _, found := range function.FindAllStringSubmatch(text, -1) {
			tests = append(tests, found[1])
		}
	}
	named := regexp.MustCompile("`(Test[A-Z]\\w+)")
	for name, text := range read(t, "", ".md") {
		for _, found := range named.FindAllStringSubmatch(text, -1) {
			exists := slices.ContainsFunc(tests, func(test string) bool { return strings.HasPrefix(test, found[1]) })
			assert.Truef(t, exists, "%s names the test %s, which does not exist", name, found[1])
		}
	}
}

func TestSourcesNameDocumentsThatExist(t *testing.T) {
	document := regexp.MustCompile(`\bdocs/[\w/.-]+\.md`)
	for _, folder := range []string{"cmd", "components", "examples", "internal", "tests"} {
		for name, text := range read(t, folder, "") {
			for _, found := range document.FindAllString(text, -1) {
				assert.FileExists(t, filepath.Join(checkout, found), name)
			}
		}
	}
}
