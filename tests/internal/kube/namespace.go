package kube

import (
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/client-go/dynamic"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/clientcmd"

	"github.com/mediawiki-stack/mediawiki-stack/tests/internal/await"
)

// Namespace is a namespace of the cluster in $KUBECONFIG. It need not exist.
type Namespace struct {
	Name    string
	Config  *rest.Config
	Kube    kubernetes.Interface
	Objects dynamic.Interface
}

// Connect returns a namespace outside of a test.
func Connect(name string) (*Namespace, error) {
	config, err := clientcmd.BuildConfigFromFlags("", os.Getenv(clientcmd.RecommendedConfigPathEnvVar))
	if err != nil {
		return nil, err
	}
	// Everything needs one request for each kind of object.
	config.QPS, config.Burst = 100, 200
	config.WarningHandler = rest.NoWarnings{} // ignore deprecated kinds
	n := &Namespace{Name: name, Config: config}
	if n.Kube, err = kubernetes.NewForConfig(config); err != nil {
		return nil, err
	}
	n.Objects, err = dynamic.NewForConfig(config)
	return n, err
}

// Open returns a namespace.
func Open(t *testing.T, name string) *Namespace {
	t.Helper()
	n, err := Connect(name)
	require.NoError(t, err)
	return n
}

// Make creates a namespace, waits for the objects that Kubernetes puts into it, and deletes it when the test ends.
func Make(t *testing.T, name string) *Namespace {
	t.Helper()
	n := Open(t, name)
	n.Temporary(t)
	_, err := n.Kube.CoreV1().Namespaces().Create(t.Context(),
		&corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: name}}, metav1.CreateOptions{})
	require.NoError(t, err)
	own := []string{"ConfigMap kube-root-ca.crt", "ServiceAccount default"}
	await.Success(t, "namespace "+name+" has its default objects", func() error {
		if found := n.Contents(t); !slices.Equal(own, found) {
			return fmt.Errorf("it has %q", found)
		}
		return nil
	})
	return n
}

// Temporary deletes the namespace when the test ends, with any data that a stack retains. It first deletes one left by a killed run.
func (n *Namespace) Temporary(t *testing.T) {
	t.Helper()
	n.remove(t.Context(), t)
	await.Success(t, n.Name+" does not exist", func() error {
		if n.Exists(t) {
			return errors.New("it exists")
		}
		return nil
	})
	t.Cleanup(func() { n.remove(context.WithoutCancel(t.Context()), t) })
}

func (n *Namespace) remove(ctx context.Context, t *testing.T) {
	t.Helper()
	require.NoError(t, ignoreNotFound(n.Kube.CoreV1().Namespaces().Delete(ctx, n.Name, metav1.DeleteOptions{})))
}

func ignoreNotFound(err error) error {
	if apierrors.IsNotFound(err) {
		return nil
	}
	return err
}

// Exists reports whether the namespace exists, also while it is being deleted.
func (n *Namespace) Exists(t *testing.T) bool {
	t.Helper()
	_, err := n.Kube.CoreV1().Namespaces().Get(t.Context(), n.Name, metav1.GetOptions{})
	if apierrors.IsNotFound(err) {
		return false
	}
	require.NoError(t, err)
	return true
}

// Everything calls visit for each object in the namespace except events.
func (n *Namespace) Everything(t *testing.T, visit func(kind string, object map[string]any)) {
	t.Helper()
	kinds, err := n.Kube.Discovery().ServerPreferredNamespacedResources()
	require.NoError(t, err)
	for _, list := range kinds {
		group, err := schema.ParseGroupVersion(list.GroupVersion)
		require.NoError(t, err)
		for _, kind := range list.APIResources {
			if !slices.Contains(kind.Verbs, "list") || kind.Kind == "Event" {
				continue
			}
			objects, err := n.Objects.Resource(group.WithResource(kind.Name)).Namespace(n.Name).List(t.Context(), metav1.ListOptions{})
			require.NoError(t, err, kind.Name)
			for _, object := range objects.Items {
				visit(kind.Kind, object.Object)
			}
		}
	}
}

// Contents returns kind and name of each object in the namespace except events.
func (n *Namespace) Contents(t *testing.T) []string {
	t.Helper()
	var found []string
	n.Everything(t, func(kind string, object map[string]any) {
		found = append(found, kind+" "+object["metadata"].(map[string]any)["name"].(string))
	})
	slices.Sort(found)
	return found
}

// Volumes returns the names of PersistentVolumes that are or were bound to claims of the namespace.
func (n *Namespace) Volumes(t *testing.T) []string {
	t.Helper()
	list, err := n.Kube.CoreV1().PersistentVolumes().List(t.Context(), metav1.ListOptions{})
	require.NoError(t, err)
	var found []string
	for _, volume := range list.Items {
		if claim := volume.Spec.ClaimRef; claim != nil && claim.Namespace == n.Name {
			found = append(found, volume.Name)
		}
	}
	return found
}
