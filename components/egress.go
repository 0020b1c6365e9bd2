package components

import (
	"errors"
	"fmt"
	"net"
	"net/netip"
	"strconv"

	networkingv1 "github.com/pulumi/pulumi-kubernetes/sdk/v4/go/kubernetes/networking/v1"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

// Destination is where MediaWiki may connect to over TCP. NetworkPolicies know no names.
type Destination struct {
	CIDR netip.Prefix
	Port int
}

var errDestination = errors.New(
	`"CIDR:PORT" or "ADDRESS:PORT", such as "0.0.0.0/0:443", "192.0.2.7:3128" or "[2001:db8::/32]:443"; policies know no names`)

// ParseDestination reads "CIDR:PORT" or "ADDRESS:PORT". The error says what a destination looks like.
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

// destinations parses Egress, and names every item that cannot be parsed.
func (args *MediaWikiStackArgs) destinations() ([]Destination, error) {
	all := make([]Destination, 0, len(args.Egress))
	var errs []error
	for i, text := range args.Egress {
		destination, err := ParseDestination(text)
		if err != nil {
			errs = append(errs, fmt.Errorf("the value of Egress[%d] is %q; set it to %w", i, text, err))
		}
		all = append(all, destination)
	}
	return all, errors.Join(errs...)
}

// outward lets Pods that render pages connect to the destinations. The migration is one of them: web Pods use what it has rendered.
func (t *tierArgs) outward() networkingv1.NetworkPolicyEgressRuleArray {
	rules := make(networkingv1.NetworkPolicyEgressRuleArray, 0, len(t.destinations))
	for _, destination := range t.destinations {
		rules = append(rules, networkingv1.NetworkPolicyEgressRuleArgs{
			To: networkingv1.NetworkPolicyPeerArray{networkingv1.NetworkPolicyPeerArgs{
				IpBlock: networkingv1.IPBlockArgs{Cidr: pulumi.String(destination.CIDR.String())},
			}},
			Ports: policyPorts("TCP", pulumi.Int(destination.Port)),
		})
	}
	return rules
}
