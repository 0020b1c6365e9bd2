package components

import (
	"os/exec"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// Whoever imports the component compiles Pulumi's SDKs, and little else.
func TestImporterCompilesNothingThatOnlyTestsNeed(t *testing.T) {
	const self = "github.com/mediawiki-stack/mediawiki-stack/"
	var sdk []string
	for _, imported := range list(t, `{{join .Imports "\n"}}`, self+"components") {
		if strings.HasPrefix(imported, "github.com/pulumi/") {
			sdk = append(sdk, imported)
		}
	}
	require.NotEmpty(t, sdk)
	const compiled = `{{if not .Standard}}{{.ImportPath}}{{end}}`
	ofSDK := list(t, compiled, append([]string{"-deps"}, sdk...)...)
	own := slices.DeleteFunc(list(t, compiled, "-deps", self+"components"), func(path string) bool { return slices.Contains(ofSDK, path) })
	expected := []string{
		self + "components", self + "internal/addresses", self + "internal/lifecycle", self + "internal/marks", self + "internal/parts",
		self + "internal/secrets", "k8s.io/apimachinery/pkg/util/version", "k8s.io/apimachinery/pkg/version",
	}
	assert.ElementsMatch(t, expected, own)
}

// list returns the lines that `go list` prints.
func list(t *testing.T, format string, args ...string) []string {
	t.Helper()
	command := exec.CommandContext(t.Context(), "go", append([]string{"list", "-f", format}, args...)...)
	output, err := command.Output()
	require.NoError(t, err)
	return strings.Fields(string(output))
}
