// Package dist builds a release and examines it. It compiles for two architectures: make test-dist.
package dist

import (
	"bufio"
	"bytes"
	"crypto/sha256"
	"debug/buildinfo"
	"debug/elf"
	"encoding/hex"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

const (
	checkout = "../.."
	version  = "v98.7.6"
)

// machines maps the architectures of a release to the machine types in their programs' headers.
var machines = map[string]elf.Machine{"amd64": elf.EM_X86_64, "arm64": elf.EM_AARCH64}

// TestReleaseIsComplete builds a release of this checkout as if its commit had a tag.
func TestReleaseIsComplete(t *testing.T) {
	out := build(t)
	want := []string{"SHA256SUMS"}
	for arch, machine := range machines {
		wiki := filepath.Join(out, "wiki-linux-"+arch)
		program := unpack(t, filepath.Join(out, "mediawiki-"+version+"-linux-"+arch+".tar.gz"))
		plugin := unpack(t, filepath.Join(out, "pulumi-resource-mediawiki-"+version+"-linux-"+arch+".tar.gz"))
		for name, binary := range map[string]string{
			"wiki": wiki, "mediawiki": filepath.Join(program, "mediawiki"),
			"pulumi-resource-mediawiki": filepath.Join(plugin, "pulumi-resource-mediawiki"),
		} {
			file, err := elf.Open(binary)
			require.NoError(t, err)
			assert.Equal(t, machine, file.Machine, "%s for %s", name, arch)
			require.NoError(t, file.Close())
			list := name + "-linux-" + arch + ".cdx.json"
			listsModules(t, filepath.Join(out, list), binary)
			want = append(want, list)
		}
		text, err := os.ReadFile(filepath.Join(program, "Pulumi.yaml"))
		require.NoError(t, err)
		assert.Contains(t, string(text), "options: {binary: ./mediawiki}")
		assert.FileExists(t, filepath.Join(program, "Pulumi.rpi.yaml"))
		want = append(want, filepath.Base(wiki), "mediawiki-"+version+"-linux-"+arch+".tar.gz",
			"pulumi-resource-mediawiki-"+version+"-linux-"+arch+".tar.gz")
		if arch == runtime.GOARCH {
			assert.Equal(t, version+"\n", run(t, nil, wiki, "version"))
			assert.Equal(t, version+"\n", run(t, nil, filepath.Join(program, "wiki"), "version"))
		}
	}
	assert.ElementsMatch(t, want, names(t, out))
	checksumsMatch(t, out)
	t.Run("Pulumi installs the plugin, and gets the schema from it", func(t *testing.T) { pluginIsInstalled(t, out) })
}

// build builds a release of the checkout's files, and returns the folder that has it. It uses the tools and compiled packages of this
// machine.
func build(t *testing.T) string {
	t.Helper()
	tree, cache := t.TempDir(), t.TempDir()
	run(t, nil, "bash", "-c", `cd "$0" && git ls-files -z --cached --others --exclude-standard | xargs -0 cp --parents -t "$1"`,
		checkout, tree)
	for _, args := range [][]string{
		{"init", "--quiet"},
		{"add", "--all"},
		{"-c", "user.name=a", "-c", "user.email=a@example.org", "commit", "--quiet", "--message=a"},
		{"tag", version},
	} {
		run(t, nil, "git", append([]string{"-C", tree}, args...)...)
	}
	tools, err := os.UserCacheDir()
	require.NoError(t, err)
	require.NoError(t, os.Mkdir(filepath.Join(cache, "mediawiki-stack"), 0o700))
	require.NoError(t, os.Symlink(filepath.Join(tools, "mediawiki-stack", "tools"), filepath.Join(cache, "mediawiki-stack", "tools")))
	env := []string{"XDG_CACHE_HOME=" + cache, "GOCACHE=" + strings.TrimSpace(run(t, nil, "go", "env", "GOCACHE"))}
	return strings.TrimSpace(run(t, env, filepath.Join(tree, "local", "dist")))
}

// listsModules compares an SBOM with what the go command has written into the program.
func listsModules(t *testing.T, file, binary string) {
	t.Helper()
	text, err := os.ReadFile(file)
	require.NoError(t, err)
	var list struct {
		Format   string `json:"bomFormat"`
		Metadata struct {
			Component struct {
				Version string `json:"version"`
			} `json:"component"`
		} `json:"metadata"`
		Components []struct {
			Name    string `json:"name"`
			Version string `json:"version"`
		} `json:"components"`
	}
	require.NoError(t, json.Unmarshal(text, &list))
	assert.Equal(t, "CycloneDX", list.Format)
	assert.Equal(t, version, list.Metadata.Component.Version)
	listed := make(map[string]string)
	for _, module := range list.Components {
		listed[module.Name] = module.Version
	}
	info, err := buildinfo.ReadFile(binary)
	require.NoError(t, err)
	require.NotEmpty(t, info.Deps)
	for _, module := range info.Deps {
		assert.Equal(t, module.Version, listed[module.Path], "%s in %s", module.Path, filepath.Base(file))
	}
}

// checksumsMatch checks SHA256SUMS, which lists every other file.
func checksumsMatch(t *testing.T, folder string) {
	t.Helper()
	sums, err := os.ReadFile(filepath.Join(folder, "SHA256SUMS"))
	require.NoError(t, err)
	listed := []string{"SHA256SUMS"}
	for lines := bufio.NewScanner(bytes.NewReader(sums)); lines.Scan(); {
		sum, name, _ := strings.Cut(lines.Text(), "  ")
		content, err := os.ReadFile(filepath.Join(folder, name))
		require.NoError(t, err)
		found := sha256.Sum256(content)
		assert.Equal(t, hex.EncodeToString(found[:]), sum, name)
		listed = append(listed, name)
	}
	assert.ElementsMatch(t, names(t, folder), listed)
}

func pluginIsInstalled(t *testing.T, folder string) {
	t.Helper()
	var got, want map[string]any
	text, err := os.ReadFile(filepath.Join(checkout, "internal", "plugin", "schema.json"))
	require.NoError(t, err)
	require.NoError(t, json.Unmarshal(text, &want))
	number := strings.TrimPrefix(version, "v")
	want["version"] = number

	archive := filepath.Join(folder, "pulumi-resource-mediawiki-"+version+"-linux-"+runtime.GOARCH+".tar.gz")
	home := "PULUMI_HOME=" + t.TempDir()
	t.Chdir(t.TempDir()) // pulumi refuses to look at packages in a checkout
	run(t, []string{home}, "pulumi", "plugin", "install", "resource", "mediawiki", number, "--file", archive)
	require.NoError(t, json.Unmarshal([]byte(run(t, []string{home}, "pulumi", "package", "get-schema", "mediawiki@"+number)), &got))
	assert.Empty(t, got["config"])
	delete(got, "config") // pulumi adds it
	assert.Equal(t, want, got)
}

// unpack unpacks an archive, and returns the folder.
func unpack(t *testing.T, archive string) string {
	t.Helper()
	folder := t.TempDir()
	run(t, nil, "tar", "--extract", "--gzip", "--file="+archive, "--directory="+folder)
	return folder
}

// names returns the names of a folder's files.
func names(t *testing.T, folder string) []string {
	t.Helper()
	entries, err := os.ReadDir(folder)
	require.NoError(t, err)
	found := make([]string, len(entries))
	for i, entry := range entries {
		found[i] = entry.Name()
	}
	return found
}

// run runs a command with more environment variables, and returns its output. It must succeed.
func run(t *testing.T, env []string, program string, args ...string) string {
	t.Helper()
	command := exec.CommandContext(t.Context(), program, args...)
	command.Env = append(os.Environ(), env...)
	var reported strings.Builder
	command.Stderr = &reported
	out, err := command.Output()
	require.NoErrorf(t, err, "%s %s\n%s%s", program, args, out, &reported)
	return string(out)
}
