package languages

import (
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/common/apitype"
	"github.com/stretchr/testify/require"
	"k8s.io/client-go/tools/clientcmd"
)

const checkout = "../.."

// project is a copy of an example with a stack of its own. Its user's home has nothing but a kubeconfig.
type project struct {
	folder string
	env    []string
}

// open copies an example and prepares it as its README says, with a stack that has a secret.
func open(t *testing.T, language string) *project {
	t.Helper()
	root, err := filepath.Abs(checkout)
	require.NoError(t, err)
	home := t.TempDir()
	p := &project{folder: filepath.Join(home, language)}
	require.NoError(t, os.CopyFS(p.folder, os.DirFS(filepath.Join(root, "examples", language))))
	kubeconfig := filepath.Join(home, ".kube", "config")
	writeKubeconfig(t, kubeconfig)
	p.env = append(os.Environ(), "HOME="+home, "PULUMI_BACKEND_URL=file://"+home, "PULUMI_CONFIG_PASSPHRASE=an example")
	for _, name := range []string{"GOPATH", "GOMODCACHE", "GOCACHE"} { // not those of the empty home
		value, err := exec.CommandContext(t.Context(), "go", "env", name).Output()
		require.NoError(t, err)
		p.env = append(p.env, name+"="+strings.TrimSpace(string(value)))
	}
	p.replace(t, "name: "+language+"-wiki\n", "name: wiki\n") // labels depend on it
	switch language {
	case "go":
		p.replace(t, "runtime: go\n", "runtime: {name: go, options: {binary: ./program}}\n")
		p.replaceIn(t, "main.go", `"~/.kube/config"`, `"`+kubeconfig+`"`)
	case "typescript":
		p.replace(t, "mediawiki: ../..", "mediawiki: "+root)
		p.replaceIn(t, "index.ts", `"~/.kube/config"`, `"`+kubeconfig+`"`)
		// What pulumi package add does. The Node.js host that can be built here is too old to link the SDK into the project.
		p.run(t, "pulumi", "package", "gen-sdk", root, "--language=nodejs", "--local", "--out=generated")
		require.NoError(t, os.Mkdir(filepath.Join(p.folder, "sdks"), 0o755))
		require.NoError(t, os.Rename(filepath.Join(p.folder, "generated", "nodejs"),
			filepath.Join(p.folder, "sdks", "mediawiki-stack-mediawiki")))
		cache, err := exec.CommandContext(t.Context(), "npm", "config", "get", "cache").Output()
		require.NoError(t, err)
		p.env = append(p.env, "npm_config_cache="+strings.TrimSpace(string(cache)))
		p.run(t, "npm", "install", "--ignore-scripts", "--no-audit", "--no-fund") // a script downloads the provider, which is built here
		p.run(t, "npm", "rebuild", "@mediawiki-stack/mediawiki")
	case "yaml":
		p.replace(t, "mediawiki: ../..", "mediawiki: "+root)
		p.replace(t, "~/.kube/config", kubeconfig)
	}
	p.run(t, "pulumi", "stack", "init", "dev")
	p.run(t, "pulumi", "config", "set", "--secret", "masterSecret", masterSecret)
	return p
}

// installPlugin compiles the plugin as a release has it, and makes a project in YAML use it instead of the checkout.
func (p *project) installPlugin(t *testing.T) {
	t.Helper()
	const version = "98.7.6"
	root, err := filepath.Abs(checkout)
	require.NoError(t, err)
	program := filepath.Join(t.TempDir(), "pulumi-resource-mediawiki")
	p.run(t, "go", "build", "-C", root, "-ldflags=-X github.com/mediawiki-stack/mediawiki-stack/internal/release.version=v"+version,
		"-o", program, "./cmd/pulumi-resource-mediawiki")
	p.env = append(p.env, "PULUMI_HOME="+pulumiHome(t))
	p.run(t, "pulumi", "plugin", "install", "resource", "mediawiki", version, "--file", program)
	p.replace(t, "mediawiki: "+root, "mediawiki: mediawiki@"+version)
}

// pulumiHome creates a PULUMI_HOME that has the Kubernetes provider, for tests that install other plugins.
func pulumiHome(t *testing.T) string {
	t.Helper()
	home := t.TempDir()
	found, err := filepath.Glob(filepath.Join(os.Getenv("PULUMI_HOME"), "plugins", "*", "pulumi-resource-kubernetes"))
	require.NoError(t, err)
	require.Len(t, found, 1)
	folder := filepath.Join(home, "plugins", filepath.Base(filepath.Dir(found[0]))) // pulumi ignores links to folders
	require.NoError(t, os.MkdirAll(folder, 0o700))
	require.NoError(t, os.Symlink(found[0], filepath.Join(folder, filepath.Base(found[0]))))
	return home
}

// compile compiles a program in Go with the checkout's modules, or checks the types of one in TypeScript.
func (p *project) compile(t *testing.T) {
	t.Helper()
	switch filepath.Base(p.folder) {
	case "go":
		root, err := filepath.Abs(checkout)
		require.NoError(t, err)
		overlay := fmt.Sprintf(`{"Replace": {%q: %q}}`, filepath.Join(root, "examples/go/main.go"), filepath.Join(p.folder, "main.go"))
		file := filepath.Join(filepath.Dir(p.folder), "overlay.json")
		require.NoError(t, os.WriteFile(file, []byte(overlay), 0o600))
		p.run(t, "go", "build", "-C", root, "-overlay", file, "-o", filepath.Join(p.folder, "program"), "./examples/go")
	case "typescript":
		p.run(t, "npx", "tsc", "--noEmit")
	}
}

const masterSecret = "canary-b0TuJ5m2"

// writeKubeconfig writes the cluster's kubeconfig with a context that has the examples' name.
func writeKubeconfig(t *testing.T, path string) {
	t.Helper()
	config, err := clientcmd.LoadFromFile(os.Getenv("KUBECONFIG"))
	require.NoError(t, err)
	config.Contexts["microk8s"] = config.Contexts[config.CurrentContext]
	config.CurrentContext = ""
	require.NoError(t, clientcmd.WriteToFile(*config, path))
}

// replace replaces a text in Pulumi.yaml.
func (p *project) replace(t *testing.T, old, current string) {
	t.Helper()
	p.replaceIn(t, "Pulumi.yaml", old, current)
}

// replaceIn replaces a text in a file. The provider expands ~ by the password database, so $HOME has no effect on it.
func (p *project) replaceIn(t *testing.T, file, old, current string) {
	t.Helper()
	path := filepath.Join(p.folder, file)
	text, err := os.ReadFile(path)
	require.NoError(t, err)
	require.Contains(t, string(text), old)
	require.NoError(t, os.WriteFile(path, []byte(strings.Replace(string(text), old, current, 1)), 0o600))
}

// run runs a command in the project's folder. It must succeed.
func (p *project) run(t *testing.T, program string, args ...string) string {
	t.Helper()
	out, message, err := p.try(t, program, args...)
	require.NoErrorf(t, err, "%s %s\n%s%s", program, args, out, message)
	return out
}

// try runs a command and returns its output and its error messages.
func (p *project) try(t *testing.T, program string, args ...string) (out, message string, err error) {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), program, args...)
	cmd.Dir, cmd.Env = p.folder, p.env
	var stdout, stderr strings.Builder
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	err = cmd.Run()
	return stdout.String(), stderr.String(), err
}

// preview returns the inputs of each object that the project would create, by type and name, without the random names of ConfigMaps and
// Secrets.
func (p *project) preview(t *testing.T) map[string]map[string]any {
	t.Helper()
	out := p.run(t, "pulumi", "preview", "--stack=dev", "--json")
	require.NotContains(t, out, masterSecret)
	var plan struct {
		Steps []struct {
			Op       string              `json:"op"`
			URN      string              `json:"urn"`
			NewState *apitype.ResourceV3 `json:"newState"`
		} `json:"steps"`
	}
	require.NoError(t, json.Unmarshal([]byte(out), &plan))
	planned := make(map[string]map[string]any)
	for _, step := range plan.Steps {
		require.Equal(t, "create", step.Op, step.URN)
		if strings.HasPrefix(string(step.NewState.Type), "pulumi:") { // the stack and its provider, which each SDK registers differently
			continue
		}
		if metadata, object := step.NewState.Inputs["metadata"].(map[string]any); object {
			delete(metadata, "name")
		}
		planned[string(step.NewState.Type)+" "+step.NewState.URN.Name()] = step.NewState.Inputs
	}
	return planned
}
