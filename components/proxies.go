package components

import (
	"errors"
	"fmt"
	"net/netip"
	"strings"
)

// everyAddress is what Apache trusts where nobody but a cache reaches it.
const everyAddress = "0.0.0.0/1 128.0.0.0/1 ::/1 8000::/1"

// ParseProxy reads an element of [ServiceArgs].TrustedProxies: an address, or a range of addresses in CIDR notation. The error says what
// is wanted instead, and the range comes with it if there is one.
func ParseProxy(text string) (netip.Prefix, error) {
	prefix, err := netip.ParsePrefix(text)
	if address, failed := netip.ParseAddr(text); failed == nil && address.Zone() == "" {
		prefix, err = netip.PrefixFrom(address, address.BitLen()), nil
	}
	switch {
	case err != nil || prefix.Addr().Is4In6():
		return netip.Prefix{}, errors.New("an address or a range of addresses, such as 10.1.0.0/16")
	case prefix.Bits() == 0:
		return netip.Prefix{}, errors.New("the addresses of proxies alone: whoever is trusted can pretend to be any reader")
	case prefix != prefix.Masked():
		return prefix.Masked(), fmt.Errorf("%s, the range that it is in", prefix.Masked())
	}
	return prefix, nil
}

// proxiesVCL is the list of trusted proxies as Varnish reads it. check has seen that each can be parsed.
func proxiesVCL(proxies []string) string {
	var text strings.Builder
	text.WriteString("acl proxies {\n")
	for _, proxy := range proxies {
		if prefix, err := ParseProxy(proxy); err == nil {
			fmt.Fprintf(&text, "\t%q/%d;\n", prefix.Addr(), prefix.Bits())
		}
	}
	text.WriteString("}\n")
	return text.String()
}

// proxiesForApache is whom Apache believes what it says of a reader's address. A cache has read the list of trusted proxies itself.
func (args *wikiArgs) proxiesForApache() string {
	if args.cached {
		return everyAddress
	}
	return strings.Join(args.address.TrustedProxies, " ")
}
