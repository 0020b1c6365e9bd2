package components

import (
	"maps"

	corev1 "github.com/pulumi/pulumi-kubernetes/sdk/v4/go/kubernetes/core/v1"
	metav1 "github.com/pulumi/pulumi-kubernetes/sdk/v4/go/kubernetes/meta/v1"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

type claimArgs struct {
	VolumeArgs
	accessMode  string
	namespace   pulumi.StringInput
	annotations pulumi.StringMap
	options     []pulumi.ResourceOption
}

// DatabaseAnnotation is an annotation of a claim. It names the database that is on the volume.
const DatabaseAnnotation = "mediawiki-stack/database"

// newClaim makes a claim for a volume that holds data, or adopts the one that the stack left when it was destroyed. Its name is fixed, and
// nothing ever replaces it: class and access mode cannot change. Each claim has a field manager of its own, which the provider makes up.
// A fixed one would be wrong: after an update it owns the fields that ignoreChanges names, and the next create would remove them.
func newClaim(ctx *pulumi.Context, name string, args *claimArgs) (*corev1.PersistentVolumeClaim, error) {
	// The provider waits in vain for a claim that is bound already: https://github.com/pulumi/pulumi-kubernetes/issues/4179
	// The Pods that mount the claim are waited for anyway.
	annotations := pulumi.StringMap{"pulumi.com/skipAwait": pulumi.String("true")}
	maps.Copy(annotations, args.annotations)
	return corev1.NewPersistentVolumeClaim(ctx, name, &corev1.PersistentVolumeClaimArgs{
		Metadata: &metav1.ObjectMetaArgs{
			Name:        pulumi.String(name),
			Namespace:   args.namespace.ToStringOutput().ToStringPtrOutput(),
			Annotations: annotations,
		},
		Spec: &corev1.PersistentVolumeClaimSpecArgs{
			AccessModes:      pulumi.ToStringArray([]string{args.accessMode}),
			StorageClassName: args.StorageClass,
			Resources:        &corev1.VolumeResourceRequirementsArgs{Requests: pulumi.StringMap{"storage": args.Size}},
		},
	}, append(args.options, pulumi.IgnoreChanges([]string{"spec.accessModes", "spec.storageClassName"}))...)
}
