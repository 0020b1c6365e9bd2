package unit

import (
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	"github.com/stretchr/testify/require"
	"k8s.io/apimachinery/pkg/runtime"
)

// typed converts what was registered to its Kubernetes type. Values that a preview does not know are empty.
func typed[T any](t *testing.T, res pulumi.MockResourceArgs) *T {
	t.Helper()
	object := new(T)
	content := res.Inputs.MapRepl(nil, func(value resource.PropertyValue) (any, bool) {
		return "", value.IsComputed() || value.IsOutput()
	})
	require.NoError(t, runtime.DefaultUnstructuredConverter.FromUnstructured(content, object), "%s %s", res.TypeToken, res.Name)
	return object
}

// everyTyped returns all objects of a type, in the order of their names.
func everyTyped[T any](t *testing.T, r *recorder, token string) []*T {
	t.Helper()
	found := r.all(token)
	objects := make([]*T, len(found))
	for i, res := range found {
		objects[i] = typed[T](t, res)
	}
	return objects
}

// oneTyped returns the object of a type and name.
func oneTyped[T any](t *testing.T, r *recorder, token, name string) *T {
	t.Helper()
	for _, res := range r.all(token) {
		if res.Name == name {
			return typed[T](t, res)
		}
	}
	require.Failf(t, "not registered", "%s %s", token, name)
	return nil
}
