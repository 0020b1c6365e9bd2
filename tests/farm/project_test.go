package farm

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"gopkg.in/yaml.v3"
	"k8s.io/client-go/tools/clientcmd"

	"github.com/mediawiki-stack/mediawiki-stack/tests/internal/engine"
)

const example = "examples/farm"

// project is a copy of the example with a stack of its own.
type project struct {
	folder string
	env    []string
}

// open copies the example, makes it use the embedded cluster and its images, as a user with another cluster and a registry would, and
// compiles it with the checkout's modules.
func open(t *testing.T, secret string) *project {
	t.Helper()
	root, err := filepath.Abs(engine.Checkout)
	require.NoError(t, err)
	home := t.TempDir()
	p := &project{folder: filepath.Join(home, "farm")}
	require.NoError(t, os.CopyFS(p.folder, os.DirFS(filepath.Join(root, example))))
	p.env = append(os.Environ(),
		"PULUMI_BACKEND_URL=file://"+home+"?metadata=skip", "PULUMI_CONFIG_PASSPHRASE=an example", "PULUMI_STACK=dev")
	kubeconfig := filepath.Join(home, "kubeconfig")
	writeKubeconfig(t, kubeconfig)
	p.replace(t, "Pulumi.yaml", "runtime: go\n", "runtime: {name: go, options: {binary: ./program}}\n")
	p.replace(t, "main.go", `"~/.kube/config"`, `"`+kubeconfig+`"`)
	p.replace(t, "main.go", "		Database: components.DatabaseArgs{\n", strings.NewReplacer(
		"{mediawiki}", engine.LocalImage(t, "mediawiki"), "{mariadb}", engine.LocalImage(t, "mariadb"),
		"{memcached}", engine.LocalImage(t, "memcached"), "{varnish}", engine.LocalImage(t, "varnish"),
	).Replace(`
		Image:       pulumi.String("{mediawiki}"),
		ObjectCache: components.ObjectCacheArgs{Image: pulumi.String("{memcached}")},
		Cache:       components.CacheArgs{Image: pulumi.String("{varnish}")},
		Database: components.DatabaseArgs{
			Image: pulumi.String("{mariadb}"),
	`))
	p.replace(t, "server.go", `const image = "mariadb:11.8.8"`, `const image = "`+engine.LocalImage(t, "mariadb")+`"`)

	sources := map[string]string{}
	for _, file := range []string{"main.go", "server.go"} {
		sources[filepath.Join(root, example, file)] = filepath.Join(p.folder, file)
	}
	overlay, err := json.Marshal(map[string]any{"Replace": sources})
	require.NoError(t, err)
	file := filepath.Join(home, "overlay.json")
	require.NoError(t, os.WriteFile(file, overlay, 0o600))
	p.run(t, "go", "build", "-C", root, "-buildvcs=false", "-overlay", file, "-o", filepath.Join(p.folder, "program"), "./"+example)
	p.run(t, "pulumi", "stack", "init", "dev")
	p.run(t, "pulumi", "config", "set", "--secret", "farmSecret", secret)
	return p
}

// writeKubeconfig writes the cluster's kubeconfig with a context that has the example's name.
func writeKubeconfig(t *testing.T, path string) {
	t.Helper()
	config, err := clientcmd.LoadFromFile(os.Getenv("KUBECONFIG"))
	require.NoError(t, err)
	config.Contexts["microk8s"] = config.Contexts[config.CurrentContext]
	config.CurrentContext = ""
	require.NoError(t, clientcmd.WriteToFile(*config, path))
}

// replace replaces a text in a file.
func (p *project) replace(t *testing.T, file, old, current string) {
	t.Helper()
	path := filepath.Join(p.folder, file)
	text, err := os.ReadFile(path)
	require.NoError(t, err)
	require.Contains(t, string(text), old)
	require.NoError(t, os.WriteFile(path, []byte(strings.Replace(string(text), old, current, 1)), 0o600))
}

// setWikis sets which wikis the farm has, as an editor of the stack's file does.
func (p *project) setWikis(t *testing.T, names ...string) {
	t.Helper()
	path := filepath.Join(p.folder, "Pulumi.dev.yaml")
	text, err := os.ReadFile(path)
	require.NoError(t, err)
	var stack map[string]any
	require.NoError(t, yaml.Unmarshal(text, &stack))
	stack["config"].(map[string]any)["farm:wikis"] = names
	text, err = yaml.Marshal(stack)
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(path, text, 0o600))
}

// timed runs a pulumi command that must succeed, and returns how long it took.
func (p *project) timed(t *testing.T, args ...string) time.Duration {
	t.Helper()
	began := time.Now()
	p.run(t, "pulumi", args...)
	return time.Since(began)
}

// output returns an output of the stack.
func (p *project) output(t *testing.T, name string) string {
	t.Helper()
	return strings.TrimSpace(p.run(t, "pulumi", "stack", "output", name, "--show-secrets"))
}

// run runs a command in the project's folder, and returns what it printed. It must succeed.
func (p *project) run(t *testing.T, program string, args ...string) string {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), program, args...)
	cmd.Dir, cmd.Env = p.folder, p.env
	var stdout, stderr strings.Builder
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	require.NoErrorf(t, cmd.Run(), "%s %s\n%s%s", program, args, &stdout, &stderr)
	return stdout.String()
}
