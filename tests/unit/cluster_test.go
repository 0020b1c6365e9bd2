package unit

import (
	"encoding/json"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/mediawiki-stack/mediawiki-stack/internal/microk8s"
)

// jsonText is a configuration value as the engine hands it over: plain for a scalar, JSON for an object.
func jsonText(t *testing.T, value any) string {
	t.Helper()
	if text, ok := value.(string); ok {
		return text
	}
	text, err := json.Marshal(value)
	require.NoError(t, err)
	return string(text)
}

const kubeconfig = `apiVersion: v1
kind: Config
clusters:
- {name: microk8s-cluster, cluster: {server: "https://192.0.2.7:16443"}}
- {name: broken, cluster: {server: ""}}
contexts:
- {name: microk8s, context: {cluster: microk8s-cluster, user: admin}}
- {name: broken, context: {cluster: broken, user: admin}}
- {name: dangling, context: {cluster: nowhere, user: admin}}
`

func kubeconfigFile(t *testing.T) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "config")
	require.NoError(t, os.WriteFile(path, []byte(kubeconfig), 0o600))
	return path
}

func TestClusterIsFoundByItsContext(t *testing.T) {
	path := kubeconfigFile(t)
	cluster, err := microk8s.Find(path, "microk8s")
	require.NoError(t, err)
	assert.Equal(t, &microk8s.Cluster{Path: path, Context: "microk8s", Host: "192.0.2.7"}, cluster)
}

func TestKubeconfigOfTheEnvironmentIsTheDefault(t *testing.T) {
	path := kubeconfigFile(t)
	t.Setenv("KUBECONFIG", path)
	cluster, err := microk8s.Find("", "microk8s")
	require.NoError(t, err)
	assert.Equal(t, path, cluster.Path)
}

func TestClusterThatIsNotThereSaysWhatToType(t *testing.T) {
	path := kubeconfigFile(t)
	for name, c := range map[string]struct{ path, context, want string }{
		"no file":              {filepath.Join(t.TempDir(), "none"), "microk8s", "microk8s config >"},
		"no such context":      {path, "pi", "pulumi config set context microk8s"},
		"context to nowhere":   {path, "dangling", `cluster "nowhere"`},
		"cluster without host": {path, "broken", "no usable server address"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := microk8s.Find(c.path, c.context)
			assert.ErrorContains(t, err, c.want)
		})
	}
}

func TestSeveralKubeconfigsAreRefused(t *testing.T) {
	t.Setenv("KUBECONFIG", "/a:/b")
	_, err := microk8s.Find("", "microk8s")
	assert.ErrorContains(t, err, "pulumi config set kubeconfig PATH")
}
