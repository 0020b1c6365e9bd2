package lifecycle

import (
	"fmt"
	"maps"
	"os"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/metadata"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/clientcmd"
)

// namespace is a namespace as the API server has it, whatever the engine says.
type namespace struct {
	name    string
	kube    kubernetes.Interface
	objects metadata.Interface
}

func openNamespace(t *testing.T, name string) *namespace {
	t.Helper()
	config, err := clientcmd.BuildConfigFromFlags("", os.Getenv("KUBECONFIG"))
	require.NoError(t, err)
	// Listing everything in a namespace takes a request for each kind of object.
	config.QPS, config.Burst = 100, 200
	config.WarningHandler = rest.NoWarnings{} // of kinds that are deprecated
	kube, err := kubernetes.NewForConfig(config)
	require.NoError(t, err)
	objects, err := metadata.NewForConfig(config)
	require.NoError(t, err)
	return &namespace{name: name, kube: kube, objects: objects}
}

// exists reports whether the namespace is there, be it on its way out.
func (n *namespace) exists(t *testing.T) bool {
	t.Helper()
	_, err := n.kube.CoreV1().Namespaces().Get(t.Context(), n.name, metav1.GetOptions{})
	if apierrors.IsNotFound(err) {
		return false
	}
	require.NoError(t, err)
	return true
}

// deployment is the only one there.
func (n *namespace) deployment(t *testing.T) *appsv1.Deployment {
	t.Helper()
	list, err := n.kube.AppsV1().Deployments(n.name).List(t.Context(), metav1.ListOptions{})
	require.NoError(t, err)
	require.Len(t, list.Items, 1, "Deployments")
	return &list.Items[0]
}

// service is the only one there.
func (n *namespace) service(t *testing.T) *corev1.Service {
	t.Helper()
	list, err := n.kube.CoreV1().Services(n.name).List(t.Context(), metav1.ListOptions{})
	require.NoError(t, err)
	require.Len(t, list.Items, 1, "Services")
	return &list.Items[0]
}

// secret is the only one there.
func (n *namespace) secret(t *testing.T) *corev1.Secret {
	t.Helper()
	list, err := n.kube.CoreV1().Secrets(n.name).List(t.Context(), metav1.ListOptions{})
	require.NoError(t, err)
	require.Len(t, list.Items, 1, "Secrets")
	return &list.Items[0]
}

// readyPods are those whose containers all are ready and that are not being deleted, by name.
func (n *namespace) readyPods(t *testing.T) map[string]corev1.Pod {
	t.Helper()
	list, err := n.kube.CoreV1().Pods(n.name).List(t.Context(), metav1.ListOptions{})
	require.NoError(t, err)
	ready := make(map[string]corev1.Pod)
	for _, pod := range list.Items {
		isReady := slices.ContainsFunc(pod.Status.Conditions, func(c corev1.PodCondition) bool {
			return c.Type == corev1.PodReady && c.Status == corev1.ConditionTrue
		})
		if isReady && pod.DeletionTimestamp == nil {
			ready[pod.Name] = pod
		}
	}
	return ready
}

func names(pods map[string]corev1.Pod) []string { return slices.Sorted(maps.Keys(pods)) }

// scale sets the number of replicas by hand, just as kubectl scale does.
func (n *namespace) scale(t *testing.T, replicas int) {
	t.Helper()
	patch := fmt.Appendf(nil, `{"spec":{"replicas":%d}}`, replicas)
	_, err := n.kube.AppsV1().Deployments(n.name).Patch(t.Context(), n.deployment(t).Name, types.MergePatchType, patch,
		metav1.PatchOptions{FieldManager: "kubectl"}, "scale")
	require.NoError(t, err)
}

// contents are all objects in the namespace, but for events: they report what was, and expire.
func (n *namespace) contents(t *testing.T) []string {
	t.Helper()
	kinds, err := n.kube.Discovery().ServerPreferredNamespacedResources()
	require.NoError(t, err)
	var found []string
	for _, list := range kinds {
		group, err := schema.ParseGroupVersion(list.GroupVersion)
		require.NoError(t, err)
		for _, kind := range list.APIResources {
			if !slices.Contains(kind.Verbs, "list") || kind.Kind == "Event" {
				continue
			}
			objects, err := n.objects.Resource(group.WithResource(kind.Name)).Namespace(n.name).List(t.Context(), metav1.ListOptions{})
			require.NoError(t, err, kind.Name)
			for _, object := range objects.Items {
				found = append(found, kind.Kind+" "+object.Name)
			}
		}
	}
	slices.Sort(found)
	return found
}
