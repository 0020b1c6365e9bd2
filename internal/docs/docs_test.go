package main

import (
	"encoding/xml"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/mediawiki-stack/mediawiki-stack/internal/config"
)

const checkout = "../.."

func TestDocumentsAreFresh(t *testing.T) {
	documents, err := generate(checkout)
	require.NoError(t, err)
	for name, want := range documents {
		got, err := os.ReadFile(filepath.Join(checkout, name))
		require.NoError(t, err)
		assert.Equalf(t, string(want), string(got), "%s is stale; type: make docs", name)
	}
}

func TestGeneratingTwiceGivesTheSame(t *testing.T) {
	first, err := generate(checkout)
	require.NoError(t, err)
	again, err := generate(checkout)
	require.NoError(t, err)
	assert.Equal(t, first, again)
}

func TestTableHasEverySettingInTheOrderOfTheFile(t *testing.T) {
	table, err := settingsTable(pulumiYAML(t))
	require.NoError(t, err)
	schema, err := config.ParseSchema(pulumiYAML(t))
	require.NoError(t, err)
	assert.Equal(t, len(schema)+2, strings.Count(table, "\n"), "a row for each setting, below two of heading")
	for _, row := range []string{
		"| `masterSecret` | string, **secret** |  | The one secret",
		"| `databasePassword` | string, **secret** |  | ",
		"| `replicas` | integer | `2` | ",
		"| `createNamespace` | boolean | `true` | ",
		"| `database.mode` | string | `statefulset` | ",
		"| `extensions` | array | `Cite, ParserFunctions, WikiEditor` | ",
	} {
		assert.Contains(t, table, "\n"+row)
	}
	assert.Equal(t, 7, strings.Count(table, "**secret**"))
	assert.NotContains(t, table, "pulumi:disable-default-providers")
	assert.Less(t, strings.Index(table, "`port`"), strings.Index(table, "`nodePort`"))
}

func TestCellStaysInItsCell(t *testing.T) {
	assert.Equal(t, `How many \| of them.`, cell("How many | of\nthem.\n"))
}

func pulumiYAML(t *testing.T) []byte {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(checkout, projectFile))
	require.NoError(t, err)
	return text
}

func TestGeneratedPartReplacesTheOldOne(t *testing.T) {
	got, err := between([]byte("a\n<!-- x:begin -->\nold\n<!-- x:end -->\nb\n"), "x", "new\n")
	require.NoError(t, err)
	assert.Equal(t, "a\n<!-- x:begin -->\nnew\n<!-- x:end -->\nb\n", string(got))
	for _, text := range []string{"", "<!-- x:begin -->", "<!-- x:end -->", "<!-- x:end --><!-- x:begin -->"} {
		_, err := between([]byte(text), "x", "new\n")
		assert.ErrorContainsf(t, err, "<!-- x:begin -->", "%q", text)
	}
}

func TestPictureShowsEveryResourceBelowItsParent(t *testing.T) {
	tree, err := resourceTree(pulumiYAML(t))
	require.NoError(t, err)
	assert.Equal(t, "Stack (Provider, MediaWikiStack (Namespace, "+strings.Repeat("PersistentVolumeClaim, ", 2)+strings.Repeat("Service, ", 2)+
		"Backups (ConfigMap, CronJob, CronJob, NetworkPolicy), "+
		"Cache (ConfigMap, NetworkPolicy, PodDisruptionBudget, Service, StatefulSet), "+
		"Database (ConfigMap, NetworkPolicy, PersistentVolumeClaim, Secret, Service, StatefulSet), Jobs (ConfigMap, Deployment, NetworkPolicy), "+
		"Migration (ConfigMap, Job, NetworkPolicy, Secret), ObjectCache (Deployment, NetworkPolicy, PodDisruptionBudget, Service), "+
		"Settings (ConfigMap, Secret), "+
		"Web (ConfigMap, Deployment, NetworkPolicy, PodDisruptionBudget, Service)))", outline(tree))
	picture := draw(tree)
	assert.Equal(t, 49, strings.Count(picture, "<rect "), "cards")
	assert.Equal(t, 48, strings.Count(picture, "<path "), "lines")
	for _, text := range []string{">Deployment<", ">mediawiki-app<", ">MediaWikiStack<", ">mediawiki-rpi<"} {
		assert.Contains(t, picture, text)
	}
}

func TestPictureIsWellFormed(t *testing.T) {
	picture := draw(&node{kind: "<A&B>", name: `"quoted"`, role: roleObject})
	for decoder := xml.NewDecoder(strings.NewReader(picture)); ; {
		_, err := decoder.Token()
		if errors.Is(err, io.EOF) {
			return
		}
		require.NoError(t, err)
	}
}

// handWritten returns the text of every Markdown document in the checkout, by path.
func handWritten(t *testing.T) map[string]string {
	t.Helper()
	found := make(map[string]string)
	require.NoError(t, filepath.WalkDir(checkout, func(name string, entry fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case entry.IsDir() && strings.HasPrefix(entry.Name(), ".") && name != checkout:
			return filepath.SkipDir
		case filepath.Ext(name) != ".md":
			return nil
		}
		text, err := os.ReadFile(name)
		found[name] = string(text)
		return err
	}))
	for _, document := range []string{"README.md", operatingFile, settingsFile, "docs/recipe.md", "docs/decisions/README.md", "examples/README.md"} {
		require.Contains(t, found, filepath.Join(checkout, document))
	}
	return found
}

func TestLinksLeadToWhatIsThere(t *testing.T) {
	documents := handWritten(t)
	link := regexp.MustCompile(`\]\(([^)#:\s]*)(#[^)]*)?\)`)
	for name, text := range documents {
		for _, found := range link.FindAllStringSubmatch(text, -1) {
			target, anchor := name, found[2]
			if found[1] != "" {
				target = filepath.Join(filepath.Dir(name), found[1])
				_, err := os.Stat(target)
				assert.NoErrorf(t, err, "%s links to %s", name, found[1])
			}
			if anchor != "" && filepath.Ext(target) == ".md" {
				assert.Containsf(t, anchors(documents[target]), anchor, "%s links to a heading that %s does not have", name, target)
			}
		}
	}
}

// anchors returns the links to the headings of a document, as GitHub makes them.
func anchors(document string) []string {
	var found []string
	dropped := regexp.MustCompile(`[^\p{L}\p{N} _-]`)
	for _, heading := range regexp.MustCompile(`(?m)^#+ (.*)$`).FindAllStringSubmatch(document, -1) {
		text := dropped.ReplaceAllString(strings.ToLower(heading[1]), "")
		found = append(found, "#"+strings.ReplaceAll(text, " ", "-"))
	}
	return found
}

func TestEveryDecisionIsInTheIndex(t *testing.T) {
	index := handWritten(t)[filepath.Join(checkout, "docs/decisions/README.md")]
	pages, err := filepath.Glob(filepath.Join(checkout, "docs/decisions/0*.md"))
	require.NoError(t, err)
	require.NotEmpty(t, pages)
	for _, page := range pages {
		assert.Contains(t, index, "]("+filepath.Base(page)+")")
	}
}

func TestMakeHasTheTargetsThatDocumentsName(t *testing.T) {
	makefile, err := os.ReadFile(filepath.Join(checkout, "Makefile"))
	require.NoError(t, err)
	command := regexp.MustCompile("(?m)(?:`|^    |&& )make ([a-z-]+)")
	for name, text := range handWritten(t) {
		for _, found := range command.FindAllStringSubmatch(text, -1) {
			assert.Containsf(t, string(makefile), "\n.PHONY: "+found[1]+"\n", "%s names make %s", name, found[1])
		}
	}
}

func TestDocumentsNameTestsThatExist(t *testing.T) {
	var defined []string
	function := regexp.MustCompile(`(?m)^func (Test\w+)\(`)
	require.NoError(t, filepath.WalkDir(checkout, func(name string, _ fs.DirEntry, err error) error {
		if err != nil || !strings.HasSuffix(name, "_test.go") {
			return err
		}
		text, err := os.ReadFile(name)
		for _, found := range function.FindAllSubmatch(text, -1) {
			defined = append(defined, string(found[1]))
		}
		return err
	}))
	named := regexp.MustCompile("`(Test[A-Z]\\w+)")
	for name, text := range handWritten(t) {
		for _, found := range named.FindAllStringSubmatch(text, -1) {
			exists := slices.ContainsFunc(defined, func(test string) bool { return strings.HasPrefix(test, found[1]) })
			assert.Truef(t, exists, "%s names the test %s, which does not exist", name, found[1])
		}
	}
}

func TestSourcesNameDocumentsThatExist(t *testing.T) {
	document := regexp.MustCompile(`\bdocs/[\w/.-]+\.md`)
	for _, folder := range []string{"cmd", "components", "examples", "internal", "tests"} {
		require.NoError(t, filepath.WalkDir(filepath.Join(checkout, folder), func(name string, entry fs.DirEntry, err error) error {
			if err != nil || entry.IsDir() {
				return err
			}
			text, err := os.ReadFile(name)
			for _, found := range document.FindAll(text, -1) {
				assert.FileExists(t, filepath.Join(checkout, string(found)), name)
			}
			return err
		}))
	}
}
