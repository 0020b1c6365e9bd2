// Package addresses parses the addresses in the arguments of a wiki. The error of a function says what an address looks like.
package addresses

import (
	"errors"
	"net"
	"net/netip"
	"strconv"
)

// Destination is where MediaWiki may connect to over TCP. A NetworkPolicy cannot contain names.
type Destination struct {
	CIDR netip.Prefix
	Port int
}

var errDestination = errors.New(
	`"CIDR:PORT" or "ADDRESS:PORT", such as "0.0.0.0/0:443", "192.0.2.7:3128" or "[2001:db8::/32]:443"; policies cannot contain names`)

// ParseDestination parses "CIDR:PORT" or "ADDRESS:PORT". The error says what a destination looks like.
func ParseDestination(text string) (Destination, error) {
	network, port, err := net.SplitHostPort(text)
	if err != nil {
		return Destination{}, errDestination
	}
	cidr, err := netip.ParsePrefix(network)
	if err != nil {
		address, err := netip.ParseAddr(network)
		if err != nil || address.Zone() != "" {
			return Destination{}, errDestination
		}
		cidr = netip.PrefixFrom(address, address.BitLen())
	}
	number, err := strconv.Atoi(port)
	if err != nil || number < 1 || number > 65535 || cidr != cidr.Masked() {
		return Destination{}, errDestination
	}
	return Destination{CIDR: cidr, Port: number}, nil
}
