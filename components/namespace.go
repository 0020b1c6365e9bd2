package components

import (
	"maps"

	corev1 "github.com/pulumi/pulumi-kubernetes/sdk/v4/go/kubernetes/core/v1"
	metav1 "github.com/pulumi/pulumi-kubernetes/sdk/v4/go/kubernetes/meta/v1"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

// namespace is the name of the wiki's namespace, made first if it is the wiki's own.
func (s *MediaWikiStack) namespace(ctx *pulumi.Context, name string, args *MediaWikiStackArgs) (pulumi.StringInput, error) {
	if !args.CreateNamespace {
		return args.Namespace, nil
	}
	metadata := &metav1.ObjectMetaArgs{Name: args.Namespace.ToStringOutput().ToStringPtrOutput()}
	options := []pulumi.ResourceOption{pulumi.Parent(s), args.Timeouts.resourceOption()}
	if args.Database.Mode != DatabaseSidecar {
		// The article's containers run as root; ours ask for nothing.
		metadata.Labels = pulumi.StringMap{"pod-security.kubernetes.io/enforce": pulumi.String("restricted")}
		metadata.Annotations = readopted(nil)
		options = append(options, args.outlives())
	}
	namespace, err := corev1.NewNamespace(ctx, name, &corev1.NamespaceArgs{Metadata: metadata}, options...)
	if err != nil {
		return nil, err
	}
	return namespace.Metadata.Name().Elem(), nil
}

// outlives has an object stay when the stack is destroyed, unless data is to go with it.
func (args *MediaWikiStackArgs) outlives() pulumi.ResourceOption {
	return pulumi.RetainOnDelete(!args.DeleteData)
}

// lasting is the metadata of an object that keeps its name. An `up` that is run again after it was killed does not know of what the
// provider was making: it finds it by this name, and may change it, because the field manager has not changed either.
// https://www.pulumi.com/registry/packages/kubernetes/how-to-guides/managing-resources-with-server-side-apply/
func lasting(namespace pulumi.StringInput, name string) *metav1.ObjectMetaArgs {
	return &metav1.ObjectMetaArgs{
		Name:        pulumi.String(name),
		Namespace:   namespace.ToStringOutput().ToStringPtrOutput(),
		Annotations: pulumi.StringMap{"pulumi.com/patchFieldManager": pulumi.String("mediawiki-stack")},
	}
}

// readopted are the annotations of an object that is found again by a stack that comes back: the provider, which makes up a
// new field manager for each new object, has to be allowed to take over from its predecessor. A name that stayed the same would
// be wrong: an update writes down what ignoreChanges leaves alone as this manager's, and not to ask for it again would be to remove it.
// https://www.pulumi.com/registry/packages/kubernetes/how-to-guides/managing-resources-with-server-side-apply/
func readopted(others pulumi.StringMap) pulumi.StringMap {
	annotations := pulumi.StringMap{"pulumi.com/patchForce": pulumi.String("true")}
	maps.Copy(annotations, others)
	return annotations
}
