package components

import (
	"fmt"

	corev1 "github.com/pulumi/pulumi-kubernetes/sdk/v4/go/kubernetes/core/v1"
	metav1 "github.com/pulumi/pulumi-kubernetes/sdk/v4/go/kubernetes/meta/v1"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/mediawiki-stack/mediawiki-stack/internal/parts"
)

// frontService is the Service that readers reach the wiki at.
type frontService struct {
	name     pulumi.StringOutput
	nodePort pulumi.IntOutput
	url      pulumi.StringOutput
}

// newFrontService creates the Service in front of the Pods of a part, which listen on a port.
func newFrontService(
	ctx *pulumi.Context, w *wiki, metadata *metav1.ObjectMetaArgs, to parts.Part, port int, opts ...pulumi.ResourceOption,
) (*frontService, error) {
	args := w.args.Service
	spec := &corev1.ServiceSpecArgs{
		Type:     pulumi.String(args.Type),
		Selector: w.labels(to),
		Ports: corev1.ServicePortArray{corev1.ServicePortArgs{
			Port: args.Port, TargetPort: pulumi.Int(port), Protocol: pulumi.String("TCP"), NodePort: args.nodePort(),
		}},
	}
	if args.IPFamilyPolicy != "" {
		spec.IpFamilyPolicy = pulumi.String(args.IPFamilyPolicy)
	}
	// A node that forwards a request to another node replaces the reader's address with its own. With Local, nodes forward requests to
	// their own Pods only, so that MediaWiki can tell readers apart. The recipe has the Service of its article.
	// https://kubernetes.io/docs/reference/networking/virtual-ips/#external-traffic-policy
	if args.Type != ServiceClusterIP && w.args.Database.Mode != DatabaseSidecar {
		spec.ExternalTrafficPolicy = pulumi.String("Local")
	}
	service, err := corev1.NewService(ctx, parts.Service(w.name), &corev1.ServiceArgs{Metadata: metadata, Spec: spec}, opts...)
	if err != nil {
		return nil, err
	}
	front := &frontService{name: nameOf(service, service.Metadata), nodePort: nodePort(args.Type, service)}
	front.url = siteURL(w, service, front)
	return front, nil
}

// frontAwait returns the annotation that tells the provider what to wait for. It must not wait for Pods, which wait for the Service's
// address.
func frontAwait(args *MediaWikiStackArgs) pulumi.StringMap {
	if args.Service.Type == ServiceLoadBalancer && args.SiteURL == "" {
		return pulumi.StringMap{"pulumi.com/waitFor": pulumi.String("jsonpath={.status.loadBalancer.ingress}")}
	}
	return skipAwait()
}

// newClusterIPService creates a Service for connections inside the wiki, with the same ports as the Pods that it selects. publishNotReady
// makes it lead to Pods that are not ready as well.
func newClusterIPService(
	ctx *pulumi.Context, w *wiki, name string, selector pulumi.StringMap, publishNotReady bool, ports []int, opts ...pulumi.ResourceOption,
) (*corev1.Service, error) {
	spec := &corev1.ServiceSpecArgs{Type: pulumi.String(ServiceClusterIP), Selector: selector}
	servicePorts := make(corev1.ServicePortArray, len(ports))
	for i, port := range ports {
		servicePort := corev1.ServicePortArgs{Port: pulumi.Int(port), TargetPort: pulumi.Int(port), Protocol: pulumi.String("TCP")}
		if len(ports) > 1 { // several ports must have names
			servicePort.Name = pulumi.String(fmt.Sprintf("port-%d", port))
		}
		servicePorts[i] = servicePort
	}
	spec.Ports = servicePorts
	if publishNotReady {
		spec.PublishNotReadyAddresses = pulumi.Bool(true)
	}
	// Do not wait for the Pods: they do not exist yet.
	metadata := w.stableMetadata(name, skipAwait())
	return corev1.NewService(ctx, name, &corev1.ServiceArgs{Metadata: metadata, Spec: spec}, opts...)
}

// hostAlias gives Pods the address of a Service, so that they find it without the cluster's DNS and save half a millisecond per connection.
func hostAlias(service *corev1.Service, name string) corev1.HostAliasInput {
	return corev1.HostAliasArgs{Ip: clusterIP(service), Hostnames: pulumi.ToStringArray([]string{name})}
}

// placeholderNodePort is the node port in the answer to a dry run for a Service that gets its first one. It is outside the default range.
const placeholderNodePort = 32769

// nodePort returns the node port of a Service, or 0 if its type has none. During a preview, the node port of a Service that had none is
// unknown.
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
