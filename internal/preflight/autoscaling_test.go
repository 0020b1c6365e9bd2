package preflight_test

import (
	"errors"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/client-go/dynamic/fake"
	"k8s.io/client-go/kubernetes/scheme"
	clienttesting "k8s.io/client-go/testing"

	"github.com/mediawiki-stack/mediawiki-stack/internal/preflight"
)

func TestAutoscalingWithoutMetricsIsRefused(t *testing.T) {
	metrics := schema.GroupVersionResource{Group: "metrics.k8s.io", Version: "v1beta1", Resource: "pods"}
	none := apierrors.NewNotFound(metrics.GroupResource(), "")
	for name, c := range map[string]struct {
		answer  error // of the server of metrics
		setting string
		refused string // part of the problem
	}{
		"metrics-server is there":        {nil, `{"max":4}`, ""},
		"it is not":                      {none, `{"max":4}`, "microk8s enable metrics-server"},
		"it does not answer":             {apierrors.NewServiceUnavailable("no endpoints"), `{"max":4}`, "v1beta1.metrics.k8s.io"},
		"the number of Pods is constant": {none, `{}`, ""},
	} {
		t.Run(name, func(t *testing.T) {
			client := fake.NewSimpleDynamicClientWithCustomListKinds(scheme.Scheme, map[schema.GroupVersionResource]string{
				metrics: "PodMetricsList",
			}, hostpath(), namespaceOf("kube-system", thisCluster, ""))
			client.PrependReactor("list", "pods", func(action clienttesting.Action) (bool, runtime.Object, error) {
				return c.answer != nil && action.GetResource() == metrics, nil, c.answer
			})
			cfg := settings(t, map[string]string{"autoscaling": c.setting})
			found, err := preflight.Check(t.Context(), client, "mediawiki", thisStack, cfg)
			require.NoError(t, err)
			if c.refused == "" {
				assert.Empty(t, found.Problems)
				return
			}
			require.Len(t, found.Problems, 1)
			assert.Equal(t, "autoscaling.max", found.Problems[0].Key)
			assert.Contains(t, found.Problems[0].Fix, c.refused)
		})
	}
	t.Run("nobody may ask", func(t *testing.T) {
		client := fake.NewSimpleDynamicClientWithCustomListKinds(scheme.Scheme, map[schema.GroupVersionResource]string{
			metrics: "PodMetricsList",
		}, hostpath(), namespaceOf("kube-system", thisCluster, ""))
		client.PrependReactor("list", "pods", func(action clienttesting.Action) (bool, runtime.Object, error) {
			return action.GetResource() == metrics, nil, apierrors.NewForbidden(metrics.GroupResource(), "", errors.New("no"))
		})
		_, err := preflight.Check(t.Context(), client, "mediawiki", thisStack, settings(t, map[string]string{"autoscaling": `{"max":4}`}))
		assert.True(t, apierrors.IsForbidden(err), err)
	})
}
