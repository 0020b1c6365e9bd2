package languages

import (
	"encoding/json"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/pulumi/pulumi/pkg/v3/codegen/python"
	"github.com/pulumi/pulumi/pkg/v3/codegen/schema"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/mediawiki-stack/mediawiki-stack/internal/plugin"
)

// TestSDKForCSharpHasTheArguments generates the SDK. There is no compiler for it here.
func TestSDKForCSharpHasTheArguments(t *testing.T) {
	folder := t.TempDir()
	root, err := filepath.Abs(checkout)
	require.NoError(t, err)
	command := exec.CommandContext(t.Context(), "go", "run", "-C", filepath.Join(root, "local", "toolchain", "csharp"), ".",
		filepath.Join(root, "internal", "plugin", "schema.json"), folder)
	command.Env = append(os.Environ(), "GOWORK=off")
	out, err := command.CombinedOutput()
	require.NoError(t, err, string(out))
	files := readAll(t, folder)
	assert.Contains(t, files["Inputs/TimeoutsArgs.cs"], "public string? Create { get; set; }", "durations are texts")
	assert.Contains(t, files["MediaWikiStack.cs"], "public Inputs.DatabaseArgs? Database { get; set; }")
	assert.Contains(t, files["MediaWikiStack.cs"], "public string? Profile { get; set; }", "plain")
	assert.Contains(t, files["MediaWikiStack.cs"], "public Input<string>? MasterSecret")
	assert.Contains(t, files["MediaWikiStack.cs"], "_masterSecret = Output.Tuple<Input<string>?, int>(value, emptySecret)", "a secret")
	assert.Contains(t, files["MediaWikiStack.cs"], "public Output<string> Url { get; private set; }")
	assert.Contains(t, files["Inputs/PackageArgs.cs"], "such as \"TemplateStyles\"", "descriptions")
	hasNoDoubleArgs(t, files)
}

// mypyConfig accepts that Debian has no types for the Kubernetes provider's SDK, and for what Pulumi's own SDK imports.
const mypyConfig = `[mypy]
python_version = 3.10
follow_imports = silent
ignore_missing_imports = True
[mypy-google.*]
ignore_missing_imports = True
`

// TestExampleInPythonHasTheTypesOfItsSDK generates the SDK, and checks the types of the example with it and Pulumi's own, whose sources are
// in the module for Go. It cannot be run: Debian does not have all that Pulumi's SDK imports.
func TestExampleInPythonHasTheTypesOfItsSDK(t *testing.T) {
	folder := t.TempDir()
	var spec schema.PackageSpec
	require.NoError(t, json.Unmarshal(plugin.Schema, &spec))
	pkg, err := schema.ImportSpec(spec, map[string]schema.Language{"python": python.Importer}, schema.NewNullLoader(),
		schema.ValidationOptions{})
	require.NoError(t, err)
	generated, err := python.GeneratePackage("pulumi", pkg, nil, nil)
	require.NoError(t, err)
	for name, content := range generated {
		path := filepath.Join(folder, name)
		require.NoError(t, os.MkdirAll(filepath.Dir(path), 0o700))
		require.NoError(t, os.WriteFile(path, content, 0o600))
	}
	files := readAll(t, folder)
	hasNoDoubleArgs(t, files)
	assert.Contains(t, files["mediawiki_stack_mediawiki/media_wiki_stack.py"],
		`__props__.__dict__["master_secret"] = None if master_secret is None else pulumi.Output.secret(master_secret)`)

	sdk, err := exec.CommandContext(t.Context(), "go", "list", "-m", "-f", "{{.Dir}}", "github.com/pulumi/pulumi/sdk/v3").Output()
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(filepath.Join(folder, "mypy.ini"), []byte(mypyConfig), 0o600))
	example, err := os.ReadFile(filepath.Join(checkout, "examples", "python", "__main__.py"))
	require.NoError(t, err)
	check := func(old, current string) (string, error) {
		require.Contains(t, string(example), old)
		program := filepath.Join(folder, "__main__.py")
		require.NoError(t, os.WriteFile(program, []byte(strings.Replace(string(example), old, current, 1)), 0o600))
		command := exec.CommandContext(t.Context(), "mypy", "--config-file=mypy.ini", program)
		command.Dir = folder
		command.Env = append(os.Environ(), "MYPYPATH="+filepath.Join(strings.TrimSpace(string(sdk)), "python", "lib")+":"+folder)
		out, err := command.CombinedOutput()
		return string(out), err
	}
	out, err := check("", "")
	require.NoError(t, err, out)
	for old, c := range map[string]struct{ current, want string }{
		"site_name=":      {"sitename=", `Unexpected keyword argument "sitename" for "WikiArgs"`},
		`profile="pi-4g"`: {`profile=config.require_secret("profile")`, `"str", "str", "bool", "Output[str]", "Output[str]"`},
	} {
		out, err := check(old, c.current)
		require.Error(t, err, old)
		assert.Contains(t, out, c.want)
	}
}

// hasNoDoubleArgs checks that no name ends with Args in the schema, because the generator adds Args.
func hasNoDoubleArgs(t *testing.T, files map[string]string) {
	t.Helper()
	for name, text := range files {
		assert.NotContains(t, text, "ArgsArgs", name)
	}
}

// readAll reads a folder's files.
func readAll(t *testing.T, folder string) map[string]string {
	t.Helper()
	found := make(map[string]string)
	files := os.DirFS(folder)
	require.NoError(t, fs.WalkDir(files, ".", func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		text, err := fs.ReadFile(files, path)
		found[path] = strings.ReplaceAll(string(text), "\r\n", "\n")
		return err
	}))
	return found
}
