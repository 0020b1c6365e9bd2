package rollout

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/client-go/dynamic/fake"
	clienttesting "k8s.io/client-go/testing"
)

// state is one answer of the API server.
type state struct{ generation, observed, updated, ready, all int64 }

func (s state) object() *unstructured.Unstructured {
	return &unstructured.Unstructured{Object: map[string]any{
		"apiVersion": "apps/v1", "kind": "StatefulSet",
		"metadata": map[string]any{"name": "mediawiki-cache", "namespace": "wiki", "generation": s.generation},
		"spec": map[string]any{
			"replicas": int64(2), "selector": map[string]any{"matchLabels": map[string]any{"app": "mediawiki-cache"}},
		},
		"status": map[string]any{
			"observedGeneration": s.observed, "updatedReplicas": s.updated, "readyReplicas": s.ready, "replicas": s.all,
		},
	}}
}

// fakeWorkload returns a StatefulSet whose states are seen one after the other; the last one stays.
func fakeWorkload(states ...state) (workload, *int) {
	client := fake.NewSimpleDynamicClientWithCustomListKinds(runtime.NewScheme(), map[schema.GroupVersionResource]string{
		{Version: "v1", Resource: "pods"}: "PodList",
	}, &unstructured.Unstructured{Object: map[string]any{
		"apiVersion": "v1", "kind": "Pod",
		"metadata": map[string]any{"name": "mediawiki-cache-1", "namespace": "wiki", "labels": map[string]any{"app": "mediawiki-cache"}},
		"status": map[string]any{"containerStatuses": []any{map[string]any{
			"name": "varnish", "state": map[string]any{"waiting": map[string]any{"message": "Back-off pulling image"}},
		}}},
	}})
	reads := 0
	client.PrependReactor("get", "statefulsets", func(clienttesting.Action) (bool, runtime.Object, error) {
		reads++
		return true, states[min(reads, len(states))-1].object(), nil
	})
	return newWorkload(client, "wiki", "statefulsets/mediawiki-cache"), &reads
}

func TestRolloutIsCompleteOnlyWhenItsControllerHasNoticedTheChange(t *testing.T) {
	w, reads := fakeWorkload(
		state{generation: 2, observed: 1, updated: 2, ready: 2, all: 2}, // the status of the old Pods
		state{generation: 2, observed: 2, updated: 1, ready: 1, all: 2},
		state{generation: 2, observed: 2, updated: 2, ready: 2, all: 2},
	)
	var shown []string
	require.NoError(t, w.await(t.Context(), func(progress string) { shown = append(shown, progress) }))
	assert.Equal(t, 3, *reads)
	assert.Equal(t, []string{"mediawiki-cache: waiting for the controller", "mediawiki-cache: 1 of 2 Pods are new, 1 are ready"}, shown)
}

func TestStuckRolloutIsReportedWithItsReason(t *testing.T) {
	w, _ := fakeWorkload(state{generation: 2, observed: 2, updated: 1, ready: 1, all: 2})
	ctx, cancel := context.WithTimeout(t.Context(), time.Millisecond)
	defer cancel()
	err := w.await(ctx, func(string) {})
	require.ErrorContains(t, err, "mediawiki-cache: the rollout is not complete: 1 of 2 Pods are new, 1 are ready")
	assert.ErrorContains(t, err, "Pod mediawiki-cache-1: [varnish] Back-off pulling image")
}

// TestWorkloadThatDoesNotExistIsNotAwaited: a destroy that was interrupted has deleted it, and the state does not know that.
func TestWorkloadThatDoesNotExistIsNotAwaited(t *testing.T) {
	client := fake.NewSimpleDynamicClient(runtime.NewScheme())
	err := newWorkload(client, "wiki", "deployments/mediawiki-jobs").await(t.Context(), func(string) {})
	require.ErrorContains(t, err, "mediawiki-jobs does not exist")
	assert.ErrorContains(t, err, "pulumi up --refresh")
}
