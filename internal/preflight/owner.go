package preflight

import (
	"context"
	"slices"
	"strings"

	"golang.org/x/sync/errgroup"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/client-go/dynamic"

	"github.com/mediawiki-stack/mediawiki-stack/components"
	"github.com/mediawiki-stack/mediawiki-stack/internal/state"
)

// adopted are the kinds whose objects have fixed names: an update adopts one that exists.
var adopted = []schema.GroupVersionResource{
	claims, deployments, statefulSets,
	{Version: "v1", Resource: "services"},
	{Group: "batch", Version: "v1", Resource: "cronjobs"},
	{Group: "batch", Version: "v1", Resource: "jobs"},
	{Group: "networking.k8s.io", Version: "v1", Resource: "networkpolicies"},
	{Group: "policy", Version: "v1", Resource: "poddisruptionbudgets"},
}

// lookForOwners reads the objects that an update would adopt, and the namespace that they are in.
func (c *cluster) lookForOwners(ctx context.Context, client dynamic.Interface, namespace, name string, own *state.Stack) error {
	lists := make([][]unstructured.Unstructured, len(adopted))
	group, ctx := errgroup.WithContext(ctx)
	for i, resource := range adopted {
		group.Go(func() error {
			list, err := client.Resource(resource).Namespace(namespace).List(ctx, metav1.ListOptions{})
			if err == nil {
				lists[i] = list.Items
			}
			return err
		})
	}
	var itself *unstructured.Unstructured
	group.Go(func() (err error) {
		itself, err = client.Resource(namespaces).Get(ctx, namespace, metav1.GetOptions{})
		if apierrors.IsNotFound(err) {
			return nil
		}
		return err
	})
	if err := group.Wait(); err != nil {
		return err
	}
	objects := map[string][]unstructured.Unstructured{}
	for i, resource := range adopted {
		objects[resource.Resource] = lists[i]
	}
	if itself != nil {
		objects[namespaces.Resource] = []unstructured.Unstructured{*itself}
	}
	c.readOwners(objects, name, own)
	return nil
}

// readOwners sorts the objects of the wiki's namespace, and the namespace itself, by the stack that they belong to. An object belongs to
// the stack whose label it has. Older versions of the program labelled claims alone, so an object without a label belongs to the stack
// that the claims belong to. All objects in the stack's state are its own, whatever their label: the stack may have been renamed. Whoever
// makes a namespace for the stack need not label it.
func (c *cluster) readOwners(objects map[string][]unstructured.Unstructured, name string, own *state.Stack) {
	var unlabelled []string
	ours := false
	for resource, list := range objects {
		for i := range list {
			object := &list[i]
			label := object.GetLabels()[components.StackLabel]
			reference := resource + "/" + object.GetName()
			switch {
			case own.UIDs[string(object.GetUID())]:
				c.known, ours = true, true
			case label == own.Label:
				ours = true
			case label != "":
				c.foreign = append(c.foreign, reference)
			case resource != namespaces.Resource && strings.HasPrefix(object.GetName(), name+"-") && object.GetOwnerReferences() == nil:
				unlabelled = append(unlabelled, reference)
			}
		}
	}
	if !ours {
		c.foreign = append(c.foreign, unlabelled...)
	}
	slices.Sort(c.foreign)
}
