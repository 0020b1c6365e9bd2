package preflight

import (
	"slices"
	"strings"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"

	"github.com/mediawiki-stack/mediawiki-stack/internal/marks"
	"github.com/mediawiki-stack/mediawiki-stack/internal/state"
)

// adopted are the kinds whose objects have fixed names. An update adopts such an object if it exists.
var adopted = []schema.GroupVersionResource{
	claims, deployments, statefulSets,
	{Version: "v1", Resource: "services"},
	{Group: "batch", Version: "v1", Resource: "cronjobs"},
	{Group: "batch", Version: "v1", Resource: "jobs"},
	{Group: "networking.k8s.io", Version: "v1", Resource: "networkpolicies"},
	{Group: "networking.k8s.io", Version: "v1", Resource: "ingresses"},
	{Group: "policy", Version: "v1", Resource: "poddisruptionbudgets"},
}

// owners sorts the objects of the wiki's namespace, and the namespace itself, by the stack that they belong to.
//
// An object belongs to the stack whose label it has. Older versions of the program labelled only claims, so an object without a label
// belongs to the same stack as the claims. All objects in the stack's state belong to it whatever their label is, because the stack may
// have been renamed. A namespace that somebody else has created for the stack needs no label.
type owners struct {
	own                 *state.Stack
	name                string
	known, ours         bool
	foreign, unlabelled []string
}

func (o *owners) add(resource schema.GroupVersionResource, object metav1.Object) {
	label, reference := object.GetLabels()[marks.StackLabel], resource.Resource+"/"+object.GetName()
	switch {
	case o.own.UIDs[string(object.GetUID())]:
		o.known, o.ours = true, true
	case label == o.own.Label:
		o.ours = true
	case label != "":
		o.foreign = append(o.foreign, reference)
	case resource != namespaces && strings.HasPrefix(object.GetName(), o.name+"-") && len(object.GetOwnerReferences()) == 0:
		o.unlabelled = append(o.unlabelled, reference)
	}
}

// foreigners returns the objects that do not belong to the stack.
func (o *owners) foreigners() []string {
	foreign := o.foreign
	if !o.ours {
		foreign = append(foreign, o.unlabelled...)
	}
	slices.Sort(foreign)
	return foreign
}
