package addresses

import (
	"errors"
	"fmt"
	"net/netip"
)

// ParseProxy parses a trusted proxy: an address, or a range of addresses in CIDR notation. The error says what
// is expected. If the text is an address inside of its range, such as 10.1.2.3/16, the range is returned together with the error.
func ParseProxy(text string) (netip.Prefix, error) {
	prefix, err := netip.ParsePrefix(text)
	if address, failed := netip.ParseAddr(text); failed == nil && address.Zone() == "" {
		prefix, err = netip.PrefixFrom(address, address.BitLen()), nil
	}
	switch {
	case err != nil || prefix.Addr().Is4In6():
		return netip.Prefix{}, errors.New("an address or a range of addresses, such as 10.1.0.0/16")
	case prefix.Bits() == 0:
		return netip.Prefix{}, errors.New("the addresses of proxies alone: a client with a trusted address can pretend to be any reader")
	case prefix != prefix.Masked():
		return prefix.Masked(), fmt.Errorf("%s, the range that it is in", prefix.Masked())
	}
	return prefix, nil
}
