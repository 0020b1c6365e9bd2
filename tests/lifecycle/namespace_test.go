package lifecycle

import (
	"context"
	"fmt"
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"mediawiki-stack/tests/internal/await"
)

func TestDestroyLeavesANamespaceThatIsNotItsOwnAsItWas(t *testing.T) {
	theirs := newNamespace(t, "theirs")
	before := theirs.contents(t)

	s := newStack(t, "guest", map[string]string{"mediawiki:masterSecret": newSecret()})
	s.set(t, "namespace", theirs.name)
	s.set(t, "createNamespace", "false")
	s.set(t, "replicas", "1")
	s.up(t)
	assert.Len(t, theirs.readyPods(t), 1)

	s.destroy(t)
	// Kubernetes collects what belonged to the Service a moment after the Service is gone.
	await.Success(t, "the namespace is as it was", func() error {
		if now := theirs.contents(t); !slices.Equal(before, now) {
			return fmt.Errorf("it has %q, before %q", now, before)
		}
		return nil
	})
	assert.True(t, theirs.exists(t))
}

// newNamespace makes a namespace, with what Kubernetes itself puts into each, until the test ends.
func newNamespace(t *testing.T, name string) *namespace {
	t.Helper()
	n := openNamespace(t, name)
	namespaces := n.kube.CoreV1().Namespaces()
	_, err := namespaces.Create(t.Context(), &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: name}}, metav1.CreateOptions{})
	require.NoError(t, err)
	t.Cleanup(func() {
		require.NoError(t, namespaces.Delete(context.WithoutCancel(t.Context()), name, metav1.DeleteOptions{}))
	})
	own := []string{"ConfigMap kube-root-ca.crt", "ServiceAccount default"}
	await.Success(t, "namespace "+name+" is furnished", func() error {
		if found := n.contents(t); !slices.Equal(own, found) {
			return fmt.Errorf("it has %q", found)
		}
		return nil
	})
	return n
}
