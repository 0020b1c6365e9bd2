package components

import (
	"errors"
	"fmt"
	"net"
	"net/netip"
	"net/url"
	"regexp"
	"strconv"
	"strings"

	corev1 "github.com/pulumi/pulumi-kubernetes/sdk/v4/go/kubernetes/core/v1"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

// dnsName matches a name that browsers and web servers accept as a host, in lower case.
var dnsName = regexp.MustCompile(`^([a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?\.)*[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?$`)

// decimal matches the last label of a name that browsers interpret as an IPv4 address.
var decimal = regexp.MustCompile(`(^|\.)(\d+|0x[0-9a-f]*)$`)

// errSiteURL says what [ParseSiteURL] accepts.
var errSiteURL = errors.New("http:// or https://, a host and, if it is not the usual one, a port, such as https://wiki.example.org: " +
	"no path, user, ? or #, and letters beyond ASCII as browsers send them (xn--…)")

// ParseSiteURL returns the normal form of a wiki's address, which is what browsers show and send: lower case, without a default port, without
// a trailing slash. It fails unless the address consists of a scheme, a host and optionally a port.
func ParseSiteURL(address string) (string, error) {
	u, err := url.Parse(address)
	if err != nil || (u.Scheme != "http" && u.Scheme != "https") || u.User != nil || (u.Path != "" && u.Path != "/") ||
		strings.ContainsAny(address, "?#") {
		return "", errSiteURL
	}
	host, port := normalHost(u), normalPort(u)
	if host == "" || port == "" {
		return "", errSiteURL
	}
	if (u.Scheme == "http" && port == "80") || (u.Scheme == "https" && port == "443") {
		return u.Scheme + "://" + host, nil
	}
	return u.Scheme + "://" + host + ":" + port, nil
}

// normalHost returns the host of a URL, with brackets around an IPv6 address, or "" if browsers would not accept it.
func normalHost(u *url.URL) string {
	host := strings.ToLower(u.Hostname())
	ip, err := netip.ParseAddr(host)
	switch bracketed := strings.HasPrefix(u.Host, "["); {
	case err == nil && ip.Is6() && ip.Zone() == "" && bracketed:
		return "[" + ip.String() + "]"
	case err == nil && ip.Is4() && !bracketed:
		return host
	case dnsName.MatchString(host) && len(host) <= 253 && !decimal.MatchString(host) && !bracketed:
		return host
	default:
		return ""
	}
}

// normalPort returns the port of a URL, its scheme's default if it has none, or "" if the port is not valid.
func normalPort(u *url.URL) string {
	if u.Port() == "" && !strings.HasSuffix(u.Host, ":") {
		return map[string]string{"http": "80", "https": "443"}[u.Scheme]
	}
	port, err := strconv.ParseUint(u.Port(), 10, 16)
	if err != nil || port == 0 {
		return ""
	}
	return strconv.FormatUint(port, 10)
}

// siteURL returns the address to type into a browser.
func siteURL(w *wiki, service *corev1.Service, front *frontService) pulumi.StringOutput {
	if w.args.SiteURL != "" {
		return pulumi.String(w.args.SiteURL).ToStringOutput().ApplyT(ParseSiteURL).(pulumi.StringOutput)
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
