package engine

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"gopkg.in/yaml.v3"
)

// prefix is the prefix of the project's own keys in a stack's file.
const prefix = "mediawiki:"

// projectFolder creates a project with the compiled program. The stack's configuration is Pulumi.local.yaml with the settings.
func projectFolder(t *testing.T, stack string, settings map[string]any) string {
	t.Helper()
	project := readYAML(t, filepath.Join(Checkout, "Pulumi.yaml"))
	project["runtime"] = map[string]any{"name": "go", "options": map[string]any{"binary": program}}
	local := readYAML(t, filepath.Join(Checkout, "Pulumi.local.yaml"))
	for key, value := range settings {
		setPath(local["config"].(map[string]any), prefix+key, value)
	}
	folder := t.TempDir()
	writeYAML(t, filepath.Join(folder, "Pulumi.yaml"), project)
	writeYAML(t, filepath.Join(folder, stackFile(stack)), local)
	return folder
}

func stackFile(stack string) string { return "Pulumi." + stack + ".yaml" }

// setPath sets the value of a dotted key and creates missing objects along the path.
func setPath(object map[string]any, key string, value any) {
	name, rest, dotted := strings.Cut(key, ".")
	if !dotted {
		object[name] = value
		return
	}
	child, ok := object[name].(map[string]any)
	if !ok {
		child = map[string]any{}
		object[name] = child
	}
	setPath(child, rest, value)
}

func readYAML(t *testing.T, path string) map[string]any {
	t.Helper()
	text, err := os.ReadFile(path)
	require.NoError(t, err)
	content := map[string]any{}
	require.NoError(t, yaml.Unmarshal(text, &content))
	return content
}

func writeYAML(t *testing.T, path string, content map[string]any) {
	t.Helper()
	text, err := yaml.Marshal(content)
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(path, text, 0o600))
}

// pulumiHome creates an empty PULUMI_HOME with the toolchain's plugins.
func pulumiHome(t *testing.T) string {
	t.Helper()
	home := t.TempDir()
	require.NoError(t, os.Symlink(filepath.Join(os.Getenv("PULUMI_HOME"), "plugins"), filepath.Join(home, "plugins")))
	return home
}

// Keys returns the settings that Pulumi.yaml describes, in alphabetical order.
func Keys(t *testing.T) []string {
	t.Helper()
	var keys []string
	for key := range readYAML(t, filepath.Join(Checkout, "Pulumi.yaml"))["config"].(map[string]any) {
		if !strings.Contains(key, ":") {
			keys = append(keys, key)
		}
	}
	slices.Sort(keys)
	return keys
}

// LocalImage returns the embedded cluster's image of mediawiki or mariadb.
func LocalImage(t *testing.T, name string) string {
	t.Helper()
	config := readYAML(t, filepath.Join(Checkout, "Pulumi.local.yaml"))["config"].(map[string]any)
	image, ok := config[prefix+"images"].(map[string]any)[name].(string)
	require.True(t, ok, "image of %s in Pulumi.local.yaml", name)
	return image
}
