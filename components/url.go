package components

import (
	"fmt"
	"net"
	"strconv"
	"strings"

	corev1 "github.com/pulumi/pulumi-kubernetes/sdk/v4/go/kubernetes/core/v1"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/mediawiki-stack/mediawiki-stack/internal/addresses"
)

// siteURL returns the address to type into a browser.
func siteURL(w *wiki, service *corev1.Service, front *frontService) pulumi.StringOutput {
	if w.args.SiteURL != "" {
		return pulumi.String(w.args.SiteURL).ToStringOutput().ApplyT(addresses.ParseSiteURL).(pulumi.StringOutput)
	}
	port := service.Spec.Ports().Index(pulumi.Int(0)).Port()
	switch w.args.Service.Type {
	case ServiceLoadBalancer:
		status := assigned[*corev1.ServiceStatus](service, service.Status)
		return pulumi.All(status, port).ApplyT(func(all []any) pulumi.StringOutput {
			host := ingressHost(all[0].(*corev1.ServiceStatus))
			if host == "" { // a preview of a Service that becomes one of this type
				return unknown[string]().(pulumi.StringOutput)
			}
			return pulumi.String(httpURL(host, all[1].(int))).ToStringOutput()
		}).(pulumi.StringOutput)
	case ServiceClusterIP:
		return pulumi.All(front.name, w.args.Namespace, port).ApplyT(func(all []any) string {
			return httpURL(fmt.Sprintf("%s.%s.svc.cluster.local", all[0], all[1]), all[2].(int))
		}).(pulumi.StringOutput)
	default:
		return pulumi.All(w.args.NodeHost, front.nodePort).ApplyT(func(all []any) string {
			return httpURL(all[0].(string), all[1].(int))
		}).(pulumi.StringOutput)
	}
}

// ingressHost returns the address that a load balancer gave the Service, or "".
func ingressHost(status *corev1.ServiceStatus) string {
	if status == nil || status.LoadBalancer == nil {
		return ""
	}
	for _, ingress := range status.LoadBalancer.Ingress {
		if ingress.Hostname != nil && *ingress.Hostname != "" {
			return *ingress.Hostname
		}
		if ingress.Ip != nil && *ingress.Ip != "" {
			return *ingress.Ip
		}
	}
	return ""
}

func httpURL(host string, port int) string {
	if port == 80 {
		if strings.Contains(host, ":") {
			host = "[" + host + "]"
		}
		return "http://" + host
	}
	return "http://" + net.JoinHostPort(host, strconv.Itoa(port))
}
