package mocks

import (
	"fmt"
	"reflect"
	"strings"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource/plugin"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	appsv1 "k8s.io/api/apps/v1"
	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/client-go/kubernetes/scheme"
)

// kubernetes begins the type tokens of Kubernetes objects.
const kubernetes = "kubernetes:"

// Unknown is in the place of each text that a preview does not know.
const Unknown = "(unknown until the update)"

// Object is a Kubernetes object of a known type, such as *appsv1.Deployment.
type Object interface {
	runtime.Object
	metav1.Object
}

// Resource is a registered resource.
type Resource struct {
	pulumi.MockResourceArgs
	// Object is a Kubernetes object as it was registered, with secrets in plain text; that of a custom resource is unstructured. It is
	// nil for components and providers. Its name is empty if the engine generates it.
	Object Object
}

// Kind returns the last part of the type's token, such as "Deployment".
func (r *Resource) Kind() string { return r.TypeToken[strings.LastIndex(r.TypeToken, ":")+1:] }

// String returns kind and name of the resource, such as "Deployment mediawiki-app".
func (r *Resource) String() string { return r.Kind() + " " + r.Name }

// decode converts the inputs of a Kubernetes object to its type, as strictly as `kubectl apply --validate` does.
func (r *Resource) decode() error {
	group, kind, isObject := strings.Cut(strings.TrimPrefix(r.TypeToken, kubernetes), ":")
	if !isObject || !strings.HasPrefix(r.TypeToken, kubernetes) {
		return nil
	}
	empty, err := scheme.Scheme.New(schema.FromAPIVersionAndKind(strings.TrimPrefix(group, "core/"), kind))
	if err != nil && !runtime.IsNotRegisteredError(err) {
		return err
	}
	// The SDK leaves unknown values out of MockResourceArgs.Inputs.
	inputs, err := plugin.UnmarshalProperties(r.RegisterRPC.GetObject(), plugin.MarshalOptions{KeepUnknowns: true})
	if err != nil {
		return fmt.Errorf("%s: %w", r, err)
	}
	content := inputs.MapRepl(nil, func(value resource.PropertyValue) (any, bool) { return Unknown, value.IsComputed() })
	if empty == nil { // of a custom resource
		r.Object = &unstructured.Unstructured{Object: content}
		return nil
	}
	err = runtime.DefaultUnstructuredConverter.FromUnstructuredWithValidation(content, empty, true)
	if err != nil && inputs.ContainsUnknowns() { // one of them is no text: leave them out
		content = inputs.MapRepl(nil, func(value resource.PropertyValue) (any, bool) { return nil, value.IsComputed() })
		err = runtime.DefaultUnstructuredConverter.FromUnstructuredWithValidation(content, empty, true)
	}
	if err != nil {
		return fmt.Errorf("%s: %w", r, err)
	}
	r.Object = empty.(Object)
	return nil
}

// All returns the objects of a type, in the order of their resources' names.
func All[T any, P interface {
	*T
	Object
}](r *Recording) []P {
	var found []P
	for _, res := range r.Resources {
		if object, ok := res.Object.(P); ok {
			found = append(found, object)
		}
	}
	return found
}

// Get returns the object of a type with that resource name, or an error if the program has not registered it.
func Get[T any, P interface {
	*T
	Object
}](r *Recording, name string) (P, error) {
	for _, res := range r.Resources {
		if object, ok := res.Object.(P); ok && res.Name == name {
			return object, nil
		}
	}
	return nil, fmt.Errorf("no %s %s is registered", reflect.TypeFor[T]().Name(), name)
}

// Pods returns the Pod templates of all Deployments, StatefulSets, Jobs and CronJobs, by the names of their resources.
func (r *Recording) Pods() map[string]*corev1.PodTemplateSpec {
	found := map[string]*corev1.PodTemplateSpec{}
	for _, res := range r.Resources {
		switch object := res.Object.(type) {
		case *appsv1.Deployment:
			found[res.Name] = &object.Spec.Template
		case *appsv1.StatefulSet:
			found[res.Name] = &object.Spec.Template
		case *batchv1.Job:
			found[res.Name] = &object.Spec.Template
		case *batchv1.CronJob:
			found[res.Name] = &object.Spec.JobTemplate.Spec.Template
		}
	}
	return found
}
