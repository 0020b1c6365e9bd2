package components

import (
	"fmt"
	"strings"

	"github.com/mediawiki-stack/mediawiki-stack/internal/addresses"
)

const (
	// everyAddress is what Apache trusts if only a cache can reach it.
	everyAddress = "0.0.0.0/1 128.0.0.0/1 ::/1 8000::/1"
	// privateAddresses are those that Pods have.
	privateAddresses = "10.0.0.0/8 172.16.0.0/12 192.168.0.0/16 100.64.0.0/10 fc00::/7"
)

// proxiesForApache returns the addresses whose X-Forwarded-For Apache believes. If there is a cache, only the cache reaches Apache, and the
// cache has applied the list of trusted proxies itself. Behind an Ingress, only the controller's Pods reach it, which report one address.
func (args *MediaWikiStackArgs) proxiesForApache() string {
	proxies := args.Service.TrustedProxies
	switch {
	case args.cached():
		return everyAddress
	case args.Ingress.Enabled:
		proxies = append([]string{privateAddresses}, proxies...)
	}
	return strings.Join(proxies, " ")
}

// proxiesVCL returns the trusted proxies, which check has parsed before, as an ACL, and what Varnish does behind an Ingress. There, every
// client is the controller, because NetworkPolicies admit no other; only connections of `kubectl port-forward` come from the Pod itself.
// The controller reports one address; going further back needs a trusted proxy.
func (args *MediaWikiStackArgs) proxiesVCL() string {
	var text strings.Builder
	text.WriteString("acl proxies {\n")
	for _, proxy := range args.Service.TrustedProxies {
		if prefix, err := addresses.ParseProxy(proxy); err == nil {
			fmt.Fprintf(&text, "\t%q/%d;\n", prefix.Addr(), prefix.Bits())
		}
	}
	text.WriteString("}\n\n")
	if args.Ingress.Enabled {
		text.WriteString(`acl itself {
	"127.0.0.0"/8;
	"::1"/128;
}

sub controller {
	if (client.ip !~ itself) {
		call step; # to the address of the connection, which Varnish has appended
		call step;
	}
}
`)
		return text.String()
	}
	text.WriteString("sub controller {\n}\n")
	return text.String()
}
