package components

import (
	"maps"

	corev1 "github.com/pulumi/pulumi-kubernetes/sdk/v4/go/kubernetes/core/v1"
	metav1 "github.com/pulumi/pulumi-kubernetes/sdk/v4/go/kubernetes/meta/v1"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

// metadata returns the metadata of an object whose name ends in random digits, so that Pods that use it are replaced when it changes.
func (w *wiki) metadata() *metav1.ObjectMetaArgs {
	return &metav1.ObjectMetaArgs{Namespace: stringPtr(w.namespace)}
}

// stableMetadata returns the metadata of an object with a fixed name, and these annotations. An `up` that runs again after it was killed
// does not know which objects the provider was creating: it adopts them by name, which works only with a fixed field manager.
// https://www.pulumi.com/registry/packages/kubernetes/how-to-guides/managing-resources-with-server-side-apply/
func (w *wiki) stableMetadata(name string, annotations ...pulumi.StringMap) *metav1.ObjectMetaArgs {
	all := pulumi.StringMap{"pulumi.com/patchFieldManager": pulumi.String("mediawiki-stack")}
	for _, more := range annotations {
		maps.Copy(all, more)
	}
	return &metav1.ObjectMetaArgs{Name: pulumi.String(name), Namespace: stringPtr(w.namespace), Annotations: all}
}

// workloadMetadata returns the metadata of an object that runs Pods of an image.
func (w *wiki) workloadMetadata(name string, image pulumi.StringInput, annotations ...pulumi.StringMap) *metav1.ObjectMetaArgs {
	metadata := w.stableMetadata(name, annotations...)
	metadata.Labels = pulumi.StringMap{labelVersion: imageVersion(image)}
	return metadata
}

// skipAwait makes the provider not wait for an object to be ready.
func skipAwait() pulumi.StringMap {
	return pulumi.StringMap{"pulumi.com/skipAwait": pulumi.String("true")}
}

// retainData keeps an object when the stack is destroyed, unless KeepData is false.
func (args *MediaWikiStackArgs) retainData() pulumi.ResourceOption {
	return pulumi.RetainOnDelete(*args.KeepData)
}

func stringPtr(value pulumi.StringInput) pulumi.StringPtrOutput {
	return value.ToStringOutput().ToStringPtrOutput()
}

// assigned makes an output of an object unknown until the object exists. During a preview, the provider asks the API server for a dry run,
// which answers with placeholders: addresses that no Service will have, and random names that the update chooses again. Only the object's
// ID is unknown then.
func assigned[V any](object pulumi.CustomResource, output pulumi.Output) pulumi.Output {
	return pulumi.All(object.ID(), output).ApplyT(func(all []any) V { return all[1].(V) })
}

// nameOf returns the name of an object whose name ends in random digits.
func nameOf(object pulumi.CustomResource, metadata metav1.ObjectMetaOutput) pulumi.StringOutput {
	return assigned[string](object, metadata.Name().Elem()).(pulumi.StringOutput)
}

// clusterIP returns the address of a Service.
func clusterIP(service *corev1.Service) pulumi.StringOutput {
	return assigned[string](service, service.Spec.ClusterIP().Elem()).(pulumi.StringOutput)
}

// unknown returns an output whose value is not known during a preview.
func unknown[V any]() pulumi.Output {
	return pulumi.UnsafeUnknownOutput(nil).ApplyT(func(any) V {
		var zero V
		return zero
	})
}
