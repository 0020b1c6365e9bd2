package lifecycle

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"k8s.io/client-go/tools/clientcmd"

	"github.com/mediawiki-stack/mediawiki-stack/tests/internal/secret"
)

// testNames renames contexts and stacks, which must not change any object.
func testNames(t *testing.T, w *wiki) {
	t.Helper()
	chapter(t, t.Run("a renamed context of the same cluster changes nothing", func(t *testing.T) {
		before := w.uids(t)
		w.Set(t, "kubeconfig", renameContext(t, "pi-home"))
		p, err := w.Operate(t, "preview")
		require.Error(t, err)
		assert.Contains(t, p.Printed, "fix:  pulumi config set context pi-home")
		w.Set(t, "context", "pi-home")
		w.updates(t, "update kubernetes microk8s: context kubeconfig")
		assert.Equal(t, before, w.uids(t))
		w.Unset(t, "kubeconfig")
		w.Unset(t, "context")
		w.updates(t, "update kubernetes microk8s: context kubeconfig")
		assert.Equal(t, before, w.uids(t))
	}))
	chapter(t, t.Run("a renamed stack is told how to keep its namespace", func(t *testing.T) {
		before := w.uids(t)
		w.Pulumi(t, "stack", "rename", "renamed")
		p, err := w.Operate(t, "preview", "--stack", "renamed")
		require.Error(t, err)
		assert.Contains(t, p.Printed, "fix:  pulumi config set namespace mediawiki-lifecycle")
		w.Pulumi(t, "config", "set", "--stack", "renamed", "namespace", "mediawiki-lifecycle")
		p, err = w.Operate(t, "up", "--stack", "renamed")
		require.NoError(t, err, p.Printed)
		assert.Equal(t, before, w.uids(t))
		w.Pulumi(t, "stack", "rename", "--stack", "renamed", "lifecycle")
		w.Unset(t, "namespace")
		w.Up(t)
		assert.Equal(t, before, w.uids(t))
	}))
	chapter(t, t.Run("another stack cannot take over the namespace", func(t *testing.T) {
		before := w.uids(t)
		second := newStack(t, "second", secret.New())
		second.Set(t, "namespace", w.Name)
		for _, command := range []string{"preview", "up"} {
			p, err := second.Operate(t, command)
			require.Error(t, err)
			assert.Contains(t, p.Printed, "belong to another stack")
		}
		assert.Equal(t, before, w.uids(t))
	}))
	chapter(t, t.Run("a preview without the stack's file says how to get it back", func(t *testing.T) {
		file := filepath.Join(t.TempDir(), "Pulumi.lifecycle.yaml")
		require.NoError(t, os.WriteFile(file, []byte("config:\n  mediawiki:database:\n    mode: sidecar\n"), 0o600))
		p, err := w.Operate(t, "preview", "--config-file", file)
		require.Error(t, err)
		assert.Contains(t, p.Printed, "masterSecret is missing, but this stack has a wiki")
		assert.Contains(t, p.Printed, "fix:  git checkout Pulumi.lifecycle.yaml")
	}))
}

// uids returns values that differ if an object was created again or the Deployment was changed.
func (w *wiki) uids(t *testing.T) map[string]string {
	t.Helper()
	deployment := w.deployment(t)
	return map[string]string{
		"Deployment": fmt.Sprint(deployment.UID, " ", deployment.Generation),
		"Service":    string(w.service(t).UID), "Secret": string(w.secret(t).UID),
	}
}

// renameContext copies the cluster's kubeconfig and renames its context in the copy, like `kubectl config rename-context`.
func renameContext(t *testing.T, name string) string {
	t.Helper()
	file, err := clientcmd.LoadFromFile(os.Getenv(clientcmd.RecommendedConfigPathEnvVar))
	require.NoError(t, err)
	file.Contexts[name] = file.Contexts[file.CurrentContext]
	delete(file.Contexts, file.CurrentContext)
	file.CurrentContext = name
	path := filepath.Join(t.TempDir(), "kubeconfig")
	require.NoError(t, clientcmd.WriteToFile(*file, path))
	return path
}
