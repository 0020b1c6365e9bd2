package components

import (
	corev1 "github.com/pulumi/pulumi-kubernetes/sdk/v4/go/kubernetes/core/v1"
	metav1 "github.com/pulumi/pulumi-kubernetes/sdk/v4/go/kubernetes/meta/v1"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

// assigned makes an output of an object unknown until the object exists. A preview asks the API server for a dry run, which answers with
// placeholders: an address that is no Service's, and random names that are chosen again by the update. Only the ID of the object is unknown
// then.
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

// placeholderNodePort is the node port that a dry run answers with when a Service gets its first one. It is not in the default range.
const placeholderNodePort = 32769

// nodePort returns the node port of a Service, or 0 if its type has none. A preview does not know the node port of a Service that had
// none before.
func nodePort(serviceType string, service *corev1.Service) pulumi.IntOutput {
	port := assigned[int](service, service.Spec.Ports().Index(pulumi.Int(0)).NodePort().Elem()).(pulumi.IntOutput)
	if serviceType == ServiceClusterIP {
		return port
	}
	return port.ApplyT(func(port int) pulumi.IntOutput {
		if port == 0 || port == placeholderNodePort {
			return unknown[int]().(pulumi.IntOutput)
		}
		return pulumi.Int(port).ToIntOutput()
	}).(pulumi.IntOutput)
}

// unknown returns an output whose value is not known in a preview.
func unknown[V any]() pulumi.Output {
	return pulumi.UnsafeUnknownOutput(nil).ApplyT(func(any) V {
		var zero V
		return zero
	})
}
