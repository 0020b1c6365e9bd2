package cluster_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/mediawiki-stack/mediawiki-stack/internal/cluster"
)

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
	found, err := cluster.Find(path, "microk8s")
	require.NoError(t, err)
	assert.Equal(t, &cluster.Cluster{Path: path, Context: "microk8s", Host: "192.0.2.7"}, found)
}

func TestKubeconfigOfTheEnvironmentIsTheDefault(t *testing.T) {
	path := kubeconfigFile(t)
	t.Setenv("KUBECONFIG", path)
	found, err := cluster.Find("", "microk8s")
	require.NoError(t, err)
	assert.Equal(t, path, found.Path)
}

func TestUnknownClusterIsReportedWithItsFix(t *testing.T) {
	path := kubeconfigFile(t)
	for name, c := range map[string]struct{ path, context, want string }{
		"no file":              {filepath.Join(t.TempDir(), "none"), "microk8s", "microk8s config >"},
		"no such context":      {path, "pi", "pulumi config set context microk8s"},
		"context to nowhere":   {path, "dangling", `cluster "nowhere"`},
		"cluster without host": {path, "broken", "no usable server address"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := cluster.Find(c.path, c.context)
			var problem *cluster.Error
			require.ErrorAs(t, err, &problem)
			assert.Contains(t, problem.What+problem.Fix, c.want)
			assert.NotEmpty(t, problem.Fix)
			assert.Contains(t, err.Error(), "\n  fix:  ")
		})
	}
}

func TestHomeInAPathIsExpanded(t *testing.T) {
	path := kubeconfigFile(t)
	t.Setenv("HOME", filepath.Dir(path))
	found, err := cluster.Find("~/config", "microk8s")
	require.NoError(t, err)
	assert.Equal(t, path, found.Path)
}

func TestListOfKubeconfigsIsRefused(t *testing.T) {
	t.Setenv("KUBECONFIG", "/a:/b")
	_, err := cluster.Find("", "microk8s")
	assert.ErrorContains(t, err, "pulumi config set kubeconfig PATH")
}
