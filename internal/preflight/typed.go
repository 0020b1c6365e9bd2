package preflight

import (
	"context"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/client-go/dynamic"
)

// list reads all objects into their own type.
func list[T any](ctx context.Context, client dynamic.ResourceInterface) ([]T, error) {
	found, err := client.List(ctx, metav1.ListOptions{})
	if err != nil {
		return nil, err
	}
	objects := make([]T, len(found.Items))
	for i := range found.Items {
		if err := convert(&found.Items[i], &objects[i]); err != nil {
			return nil, err
		}
	}
	return objects, nil
}

// convert decodes an object into its own type.
func convert(object *unstructured.Unstructured, typed any) error {
	return runtime.DefaultUnstructuredConverter.FromUnstructured(object.Object, typed)
}
