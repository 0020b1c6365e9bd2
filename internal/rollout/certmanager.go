package rollout

import (
	"context"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
)

var (
	certManager = schema.GroupVersion{Group: "cert-manager.io", Version: "v1"}
	acme        = schema.GroupVersion{Group: "acme.cert-manager.io", Version: "v1"}
)

// object is what objects of cert-manager have in common.
type object struct {
	Metadata metav1.ObjectMeta `json:"metadata"`
	Spec     struct {
		IssuerRef struct {
			Kind string `json:"kind"`
			Name string `json:"name"`
		} `json:"issuerRef"`
		DNSName string `json:"dnsName"` // of a Challenge
	} `json:"spec"`
	Status struct {
		Conditions      []metav1.Condition `json:"conditions"`
		LastFailureTime metav1.Time        `json:"lastFailureTime"` // of a Certificate
		State           string             `json:"state"`           // of an Order or a Challenge, as the next
		Reason          string             `json:"reason"`
	} `json:"status"`
}

// condition returns the condition of a type, if it is about the current specification. Not all controllers say which one it is about.
func (o object) condition(kind string) metav1.Condition {
	for _, condition := range o.Status.Conditions {
		if condition.Type == kind && (condition.ObservedGeneration == 0 || condition.ObservedGeneration >= o.Metadata.Generation) {
			return condition
		}
	}
	return metav1.Condition{}
}

func (c certificate) get(ctx context.Context, resource schema.GroupVersionResource, namespace, name string) (object, error) {
	found, err := c.client.Resource(resource).Namespace(namespace).Get(ctx, name, metav1.GetOptions{})
	if err != nil {
		return object{}, err
	}
	return decode(found)
}

// owned returns the objects that owner owns. There are no orders and challenges if the issuer does not use ACME.
func (c certificate) owned(ctx context.Context, resource schema.GroupVersionResource, owner object) ([]object, error) {
	list, err := c.client.Resource(resource).Namespace(c.namespace).List(ctx, metav1.ListOptions{})
	if err != nil {
		return nil, err
	}
	var owned []object
	for i := range list.Items {
		o, err := decode(&list.Items[i])
		if err != nil {
			return nil, err
		}
		for _, reference := range o.Metadata.OwnerReferences {
			if reference.UID == owner.Metadata.UID {
				owned = append(owned, o)
			}
		}
	}
	return owned, nil
}

func newest(objects []object) object {
	last := objects[0]
	for _, o := range objects {
		if last.Metadata.CreationTimestamp.Before(&o.Metadata.CreationTimestamp) {
			last = o
		}
	}
	return last
}

func decode(found *unstructured.Unstructured) (object, error) {
	var o object
	err := runtime.DefaultUnstructuredConverter.FromUnstructured(found.Object, &o)
	return o, err
}
