package components

import (
	"fmt"
	"net"
	"strconv"
	"strings"

	corev1 "github.com/pulumi/pulumi-kubernetes/sdk/v4/go/kubernetes/core/v1"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

// siteURL is the address to type into a browser.
func siteURL(args addressArgs, w *web, service *corev1.Service, port pulumi.IntOutput) pulumi.StringOutput {
	if args.siteURL != nil {
		return args.siteURL.ToStringOutput().ApplyT(func(url string) string {
			return strings.TrimSuffix(url, "/")
		}).(pulumi.StringOutput)
	}
	switch args.Type {
	case ServiceLoadBalancer:
		return pulumi.All(service.Status, port).ApplyT(func(all []any) string {
			return httpURL(ingressHost(all[0].(*corev1.ServiceStatus)), all[1].(int))
		}).(pulumi.StringOutput)
	case ServiceClusterIP:
		return pulumi.All(w.serviceName, args.namespace, port).ApplyT(func(all []any) string {
			return httpURL(fmt.Sprintf("%s.%s.svc.cluster.local", all[0], all[1]), all[2].(int))
		}).(pulumi.StringOutput)
	default:
		return pulumi.All(args.nodeHost, w.nodePort).ApplyT(func(all []any) string {
			return httpURL(all[0].(string), all[1].(int))
		}).(pulumi.StringOutput)
	}
}

// ingressHost is the address that a load balancer gave the Service.
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
