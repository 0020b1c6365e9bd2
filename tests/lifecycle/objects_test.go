package lifecycle

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"
	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
)

// deployment returns the only Deployment.
func (w *wiki) deployment(t *testing.T) *appsv1.Deployment {
	t.Helper()
	list, err := w.Kube.AppsV1().Deployments(w.Name).List(t.Context(), metav1.ListOptions{})
	require.NoError(t, err)
	require.Len(t, list.Items, 1, "Deployments")
	return &list.Items[0]
}

// service returns the only Service.
func (w *wiki) service(t *testing.T) *corev1.Service {
	t.Helper()
	list, err := w.Kube.CoreV1().Services(w.Name).List(t.Context(), metav1.ListOptions{})
	require.NoError(t, err)
	require.Len(t, list.Items, 1, "Services")
	return &list.Items[0]
}

// secret returns the only Secret.
func (w *wiki) secret(t *testing.T) *corev1.Secret {
	t.Helper()
	list, err := w.Kube.CoreV1().Secrets(w.Name).List(t.Context(), metav1.ListOptions{})
	require.NoError(t, err)
	require.Len(t, list.Items, 1, "Secrets")
	return &list.Items[0]
}

// patch changes the Deployment, like `kubectl patch`.
func (w *wiki) patch(t *testing.T, patch string) {
	t.Helper()
	_, err := w.Kube.AppsV1().Deployments(w.Name).Patch(t.Context(), w.deployment(t).Name, types.StrategicMergePatchType, []byte(patch),
		metav1.PatchOptions{FieldManager: "kubectl-patch"})
	require.NoError(t, err)
}

// scale sets the number of replicas, like `kubectl scale`.
func (w *wiki) scale(t *testing.T, replicas int) {
	t.Helper()
	patch := fmt.Appendf(nil, `{"spec":{"replicas":%d}}`, replicas)
	_, err := w.Kube.AppsV1().Deployments(w.Name).Patch(t.Context(), w.deployment(t).Name, types.MergePatchType, patch,
		metav1.PatchOptions{FieldManager: "kubectl"}, "scale")
	require.NoError(t, err)
}
