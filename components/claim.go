package components

import (
	"maps"

	corev1 "github.com/pulumi/pulumi-kubernetes/sdk/v4/go/kubernetes/core/v1"
	metav1 "github.com/pulumi/pulumi-kubernetes/sdk/v4/go/kubernetes/meta/v1"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/mediawiki-stack/mediawiki-stack/internal/parts"
)

// claims are the claims for volumes that Pods of several parts mount. They belong to the stack itself.
type claims struct {
	uploads, backups pulumi.StringOutput // names
	packages         pulumi.StringOutput // set if there are archives
}

func newClaims(ctx *pulumi.Context, w *wiki) (*claims, error) {
	var c claims
	var err error
	uploads, backups := w.args.Wiki.Uploads, w.args.Backups
	if c.uploads, err = newClaim(ctx, w, parts.UploadsClaim(w.name), w.stack, uploads.Volume, uploads.AccessMode); err != nil {
		return nil, err
	}
	if c.backups, err = newClaim(ctx, w, parts.BackupsClaim(w.name), w.stack, backups.Volume, ReadWriteOnce); err != nil {
		return nil, err
	}
	if w.args.Wiki.hasArchives() {
		volume := w.args.Wiki.PackageVolume
		c.packages, err = newClaim(ctx, w, parts.PackagesClaim(w.name), w.stack, volume, uploads.AccessMode)
	}
	return &c, err
}

// newClaim is like newClaimObject, and returns the claim's name.
func newClaim(
	ctx *pulumi.Context, w *wiki, name string, parent pulumi.Resource, volume VolumeArgs, accessMode string,
) (pulumi.StringOutput, error) {
	claim, err := newClaimObject(ctx, w, name, parent, volume, accessMode, nil)
	if err != nil {
		return pulumi.StringOutput{}, err
	}
	return claim.Metadata.Name().Elem(), nil
}

// newClaimObject creates the claim for a volume that holds data, or adopts the claim that the stack retained when it was destroyed. The
// name is fixed, and changes of class and access mode, which are immutable, are ignored, so nothing ever replaces the claim. The provider
// gives each claim a random field manager. Do not set a fixed one: an update would own the fields under ignoreChanges, and the next apply,
// which omits them, would delete them.
func newClaimObject(
	ctx *pulumi.Context, w *wiki, name string, parent pulumi.Resource, volume VolumeArgs, accessMode string, annotations pulumi.StringMap,
) (*corev1.PersistentVolumeClaim, error) {
	// The provider would wait forever for a claim that is already bound: https://github.com/pulumi/pulumi-kubernetes/issues/4179
	// It waits for the Pods that mount the claim anyway.
	all := skipAwait()
	maps.Copy(all, annotations)
	return corev1.NewPersistentVolumeClaim(ctx, name, &corev1.PersistentVolumeClaimArgs{
		Metadata: &metav1.ObjectMetaArgs{Name: pulumi.String(name), Namespace: stringPtr(w.namespace), Annotations: all},
		Spec: &corev1.PersistentVolumeClaimSpecArgs{
			AccessModes:      pulumi.ToStringArray([]string{accessMode}),
			StorageClassName: volume.StorageClass,
			Resources:        &corev1.VolumeResourceRequirementsArgs{Requests: pulumi.StringMap{"storage": pulumi.String(volume.Size)}},
		},
	}, w.childOf(parent, w.args.retainData(), pulumi.IgnoreChanges([]string{"spec.accessModes", "spec.storageClassName"}))...)
}
