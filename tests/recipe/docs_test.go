package recipe

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"k8s.io/apimachinery/pkg/util/yaml"
)

const docs = "../../docs"

func readDocs(t *testing.T) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(docs, "recipe.md"))
	require.NoError(t, err)
	return string(text)
}

// requireRow is like assert.Contains, without printing the page.
func requireRow(t *testing.T, page, text string) {
	t.Helper()
	if !strings.Contains(page, text) {
		t.Errorf("docs/recipe.md lacks: %s", text)
	}
}

func TestDocsListEveryLineOfTheArticlesFiles(t *testing.T) {
	page := readDocs(t)
	for _, file := range []string{"docker-compose.yml", "deployment.yml", "service.yml"} {
		text, err := os.ReadFile(filepath.Join("testdata", file))
		require.NoError(t, err)
		var rows map[string]any
		require.NoError(t, yaml.Unmarshal(text, &rows))
		for path, value := range flatten(rows) {
			requireRow(t, page, fmt.Sprintf("| `%s: %v` |", path, value))
		}
	}
}

func TestDocsNameExactlyTheExistingTests(t *testing.T) {
	named := map[string]bool{}
	for _, name := range regexp.MustCompile(`\bTest[A-Z]\w+`).FindAllString(readDocs(t), -1) {
		named[name] = true
	}
	files, err := filepath.Glob("*_test.go")
	require.NoError(t, err)
	for _, file := range files {
		source, err := parser.ParseFile(token.NewFileSet(), file, nil, parser.SkipObjectResolution)
		require.NoError(t, err)
		for _, declaration := range source.Decls {
			function, ok := declaration.(*ast.FuncDecl)
			if !ok || !strings.HasPrefix(function.Name.Name, "Test") || function.Name.Name == "TestMain" {
				continue
			}
			assert.True(t, named[function.Name.Name], "docs/recipe.md does not name %s", function.Name.Name)
			delete(named, function.Name.Name)
		}
	}
	assert.Empty(t, named, "docs/recipe.md names tests that do not exist")
}

func TestDocsLinksResolve(t *testing.T) {
	for _, link := range regexp.MustCompile(`\]\(([^)#]+)[^)]*\)`).FindAllStringSubmatch(readDocs(t), -1) {
		if !strings.Contains(link[1], "://") {
			assert.FileExists(t, filepath.Join(docs, link[1]))
		}
	}
}

func TestDocsListEveryIntendedDifference(t *testing.T) {
	page := readDocs(t)
	for _, d := range append(deploymentDifferences, serviceDifferences...) {
		requireRow(t, page, fmt.Sprintf("| `%s` | %s |", d.path, d.because))
	}
	for _, path := range append(setByServer.deployment, setByServer.service...) {
		requireRow(t, page, "`"+path+"`")
	}
}
