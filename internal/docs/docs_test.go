package main

import (
	"encoding/xml"
	"errors"
	"io"
	"os"
	"path/filepath"
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
	assert.Equal(t, 8, strings.Count(table, "**secret**"))
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
	assert.Equal(t, "Stack (Provider, MediaWikiStack (Namespace, "+
		strings.Repeat("PersistentVolumeClaim, ", 2)+strings.Repeat("Service, ", 2)+
		"Backups (ConfigMap, "+strings.Repeat("CronJob, ", 2)+"NetworkPolicy), "+
		"Cache (ConfigMap, NetworkPolicy, PodDisruptionBudget, Service, StatefulSet), "+
		"Database (ConfigMap, NetworkPolicy, PersistentVolumeClaim, Secret, Service, StatefulSet), "+
		"Jobs (ConfigMap, Deployment, NetworkPolicy), "+
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
