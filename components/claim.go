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

// Marks on claims by which a program finds what an earlier life of a stack has left: see internal/preflight.
const (
	// StackLabel names the stack whose data it is, as [StackLabelValue] does.
	StackLabel = "mediawiki-stack/stack"
	// DatabaseAnnotation names the database that is on the volume.
	DatabaseAnnotation = "mediawiki-stack/database"
)

// StackLabelValue is the value of [StackLabel] for a stack. A label has at most 63 characters.
func StackLabelValue(project, stack string) string { return "stack-" + shortHash(project, stack) }

// newClaim makes a claim for a volume that holds data, or finds the one that an earlier life of the stack has left. Its name is
// fixed, and nothing ever replaces it: class and access mode are settled when it is made.
func newClaim(ctx *pulumi.Context, name string, args *claimArgs) (*corev1.PersistentVolumeClaim, error) {
	// The provider waits in vain for a claim that is bound already: https://github.com/pulumi/pulumi-kubernetes/issues/4179
	// The Pods that mount the claim are waited for anyway.
	annotations := readopted(pulumi.StringMap{"pulumi.com/skipAwait": pulumi.String("true")})
	maps.Copy(annotations, args.annotations)
	return corev1.NewPersistentVolumeClaim(ctx, name, &corev1.PersistentVolumeClaimArgs{
		Metadata: &metav1.ObjectMetaArgs{
			Name:        pulumi.String(name),
			Namespace:   args.namespace.ToStringOutput().ToStringPtrOutput(),
			Annotations: annotations,
			Labels:      pulumi.StringMap{StackLabel: pulumi.String(StackLabelValue(ctx.Project(), ctx.Stack()))},
		},
		Spec: &corev1.PersistentVolumeClaimSpecArgs{
			AccessModes:      pulumi.ToStringArray([]string{args.accessMode}),
			StorageClassName: args.StorageClass,
			Resources:        &corev1.VolumeResourceRequirementsArgs{Requests: pulumi.StringMap{"storage": args.Size}},
		},
	}, append(args.options, pulumi.IgnoreChanges([]string{"spec.accessModes", "spec.storageClassName"}))...)
}
