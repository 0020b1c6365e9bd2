package components

import (
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
	return pulumi.RetainOnDelete(*args.KeepData)
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
