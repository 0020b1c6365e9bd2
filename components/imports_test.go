package components

import (
	"os/exec"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// A program that imports the component compiles Pulumi's SDKs, and little else.
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
		self + "components", self + "internal/addresses", self + "internal/certificates", self + "internal/choices",
		self + "internal/defaults", self + "internal/lifecycle", self + "internal/marks", self + "internal/packages",
		self + "internal/parts", self + "internal/pictures", self + "internal/secrets", self + "internal/sizes",
		"k8s.io/apimachinery/pkg/util/version", "k8s.io/apimachinery/pkg/version",
		// To know when a backup is overdue.
		"github.com/robfig/cron/v3",
		// To read sizes of volumes.
		"k8s.io/apimachinery/pkg/api/resource", "k8s.io/apimachinery/pkg/runtime/serializer/cbor/direct",
		"k8s.io/apimachinery/pkg/runtime/serializer/cbor/internal/modes", "github.com/fxamacker/cbor/v2", "github.com/x448/float16",
		"gopkg.in/inf.v0", "sigs.k8s.io/json", "sigs.k8s.io/json/internal/golang/encoding/json",
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
