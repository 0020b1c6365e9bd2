package components

import (
	"errors"
	"fmt"
	"slices"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/mediawiki-stack/mediawiki-stack/internal/addresses"
	"github.com/mediawiki-stack/mediawiki-stack/internal/choices"
)

// How readers reach the wiki: the values of [ServiceArgs].Type.
// https://kubernetes.io/docs/concepts/services-networking/service/#publishing-services-service-types
const (
	ServiceNodePort     = choices.ServiceNodePort
	ServiceLoadBalancer = choices.ServiceLoadBalancer
	ServiceClusterIP    = choices.ServiceClusterIP
)

// How many of IPv4 and IPv6 a Service has: the values of [ServiceArgs].IPFamilyPolicy.
// https://kubernetes.io/docs/concepts/services-networking/dual-stack/#services
const (
	SingleStack      = choices.SingleStack
	PreferDualStack  = choices.PreferDualStack
	RequireDualStack = choices.RequireDualStack
)

// ServiceArgs describes the Service in front of the wiki.
type ServiceArgs struct {
	// Type is ServiceNodePort, ServiceLoadBalancer or ServiceClusterIP. Defaults to ServiceNodePort, or with an Ingress to
	// ServiceClusterIP.
	Type string `pulumi:"type,optional"`
	// Port is the Service's own port. Defaults to 80.
	Port pulumi.IntInput `pulumi:"port,optional"`
	// NodePort is the port on every node, in the cluster's range of node ports. Defaults to 0: Kubernetes chooses one.
	NodePort int `pulumi:"nodePort,optional"`
	// IPFamilyPolicy is SingleStack, PreferDualStack or RequireDualStack. Defaults to the cluster's own, SingleStack.
	IPFamilyPolicy string `pulumi:"ipFamilyPolicy,optional"`
	// TrustedProxies are addresses of proxies in front of the wiki, or ranges such as "10.1.0.0/16". The reader's address is taken from
	// X-Forwarded-For only if the request comes from one of them. Defaults to none.
	TrustedProxies []string `pulumi:"trustedProxies,optional"`
}

func (service *ServiceArgs) setDefaults() {
	setDefault(&service.Type, ServiceNodePort)
	setNumber(&service.Port, 80)
}

// nodePort returns NodePort as a Service's port takes it, or nil if Kubernetes chooses one.
func (service ServiceArgs) nodePort() pulumi.IntPtrInput {
	if service.NodePort == 0 {
		return nil
	}
	return pulumi.IntPtr(service.NodePort)
}

// check reports an unknown IP family policy, a node port on a Service without one, and trusted proxies that are not addresses.
func (service ServiceArgs) check() error {
	var errs []error
	if policy := service.IPFamilyPolicy; policy != "" && !slices.Contains(choices.IPFamilyPolicies, policy) {
		errs = append(errs, fmt.Errorf("the value of Service.IPFamilyPolicy is %q; set it to one of %q", policy, choices.IPFamilyPolicies))
	}
	if service.Type == ServiceClusterIP && service.NodePort != 0 {
		errs = append(errs, errors.New("remove Service.NodePort: a ClusterIP Service has none"))
	}
	for _, proxy := range service.TrustedProxies {
		if _, err := addresses.ParseProxy(proxy); err != nil {
			errs = append(errs, fmt.Errorf("Service.TrustedProxies contains %q; set it to %w", proxy, err))
		}
	}
	return errors.Join(errs...)
}
