package components

import (
	"fmt"

	corev1 "github.com/pulumi/pulumi-kubernetes/sdk/v4/go/kubernetes/core/v1"
	metav1 "github.com/pulumi/pulumi-kubernetes/sdk/v4/go/kubernetes/meta/v1"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

// addressArgs are what the wiki's address is made of.
type addressArgs struct {
	ServiceArgs
	siteURL   string
	nodeHost  pulumi.StringInput
	namespace pulumi.StringInput
	keeps     bool // keeps readers' addresses
}

// address returns what the wiki's address is made of. A node that passes a request on to another node has to put its own address in the
// reader's place. So that MediaWiki knows readers apart, nodes pass requests to their own Pods only; the recipe has its article's Service.
// https://kubernetes.io/docs/reference/networking/virtual-ips/#external-traffic-policy
func (args *MediaWikiStackArgs) address() addressArgs {
	return addressArgs{
		ServiceArgs: args.Service, siteURL: args.SiteURL, nodeHost: args.NodeHost, namespace: args.Namespace,
		keeps: args.Service.Type != ServiceClusterIP && args.Database.Mode != DatabaseSidecar,
	}
}

// web is the part that answers readers: the Pods of MediaWiki and the Service in front of them.
type web struct {
	pulumi.ResourceState

	serviceName pulumi.StringOutput
	nodePort    pulumi.IntOutput
	url         pulumi.StringOutput
	backend     pulumi.StringOutput // address for caches; only where there are any
}

// newService makes the Service in front of the Pods with these labels, which listen on a port.
func (w *web) newService(
	ctx *pulumi.Context, name string, args addressArgs, metadata *metav1.ObjectMetaArgs, labels pulumi.StringMap, port int,
	opts ...pulumi.ResourceOption,
) error {
	spec := &corev1.ServiceSpecArgs{
		Type:     pulumi.String(args.Type),
		Selector: labels,
		Ports: corev1.ServicePortArray{corev1.ServicePortArgs{
			Port:       args.Port,
			TargetPort: pulumi.Int(port),
			Protocol:   pulumi.String("TCP"),
			NodePort:   args.nodePort(),
		}},
	}
	if args.keeps {
		spec.ExternalTrafficPolicy = pulumi.String("Local")
	}
	service, err := corev1.NewService(ctx, name, &corev1.ServiceArgs{Metadata: metadata, Spec: spec}, opts...)
	if err != nil {
		return err
	}
	w.serviceName = nameOf(service, service.Metadata)
	w.nodePort = nodePort(args.Type, service)
	w.url = siteURL(args, w, service, service.Spec.Ports().Index(pulumi.Int(0)).Port())
	return nil
}

// newInnerService makes a Service at which Pods of the wiki find others that listen on these ports, be they ready or, with early, not yet.
func newInnerService(
	ctx *pulumi.Context, name string, namespace pulumi.StringInput, labels pulumi.StringMap, ports []int, early bool,
	opts ...pulumi.ResourceOption,
) (*corev1.Service, error) {
	metadata := lasting(namespace, name)
	// There are no Pods yet, and nobody waits for them here.
	metadata.Annotations.(pulumi.StringMap)["pulumi.com/skipAwait"] = pulumi.String("true")
	spec := &corev1.ServiceSpecArgs{Type: pulumi.String(ServiceClusterIP), Selector: labels}
	all := make(corev1.ServicePortArray, 0, len(ports))
	for _, port := range ports {
		one := corev1.ServicePortArgs{Port: pulumi.Int(port), TargetPort: pulumi.Int(port), Protocol: pulumi.String("TCP")}
		if len(ports) > 1 { // which have to have names
			one.Name = pulumi.String(fmt.Sprintf("port-%d", port))
		}
		all = append(all, one)
	}
	spec.Ports = all
	if early {
		spec.PublishNotReadyAddresses = pulumi.Bool(true)
	}
	return corev1.NewService(ctx, name, &corev1.ServiceArgs{Metadata: metadata, Spec: spec}, opts...)
}

// known is a Service's address for Pods that are not to ask for it by name: that takes half a millisecond, and the cluster's DNS.
func known(service *corev1.Service, name string) corev1.HostAliasInput {
	return corev1.HostAliasArgs{Ip: clusterIP(service), Hostnames: pulumi.ToStringArray([]string{name})}
}
