package components

import (
	corev1 "github.com/pulumi/pulumi-kubernetes/sdk/v4/go/kubernetes/core/v1"
	metav1 "github.com/pulumi/pulumi-kubernetes/sdk/v4/go/kubernetes/meta/v1"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

// newNamespace creates the wiki's namespace and returns its name.
func newNamespace(ctx *pulumi.Context, w *wiki) (pulumi.StringInput, error) {
	metadata := &metav1.ObjectMetaArgs{Name: stringPtr(w.args.Namespace)}
	options := w.childOf(w.stack)
	if w.args.Database.Mode != DatabaseSidecar {
		// Not for the recipe: its containers run as root, which this label forbids.
		metadata.Labels = pulumi.StringMap{"pod-security.kubernetes.io/enforce": pulumi.String("restricted")}
		options = append(options, w.args.retainData())
	}
	namespace, err := corev1.NewNamespace(ctx, w.name, &corev1.NamespaceArgs{Metadata: metadata}, options...)
	if err != nil {
		return nil, err
	}
	return namespace.Metadata.Name().Elem(), nil
}
