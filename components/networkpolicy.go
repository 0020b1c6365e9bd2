package components

import (
	"slices"

	metav1 "github.com/pulumi/pulumi-kubernetes/sdk/v4/go/kubernetes/meta/v1"
	networkingv1 "github.com/pulumi/pulumi-kubernetes/sdk/v4/go/kubernetes/networking/v1"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/mediawiki-stack/mediawiki-stack/internal/parts"
)

// newNetworkPolicy allows the connections from and to a part's Pods that [parts.Connections] lists, and denies all others.
func newNetworkPolicy(ctx *pulumi.Context, w *wiki, part parts.Part, opts ...pulumi.ResourceOption) error {
	spec := &networkingv1.NetworkPolicySpecArgs{
		PodSelector: w.selector(part),
		PolicyTypes: pulumi.ToStringArray([]string{"Ingress", "Egress"}),
	}
	// The API server does not store empty lists, so setting them would be a difference at every preview.
	if ingress := w.ingress(part); len(ingress) > 0 {
		spec.Ingress = ingress
	}
	if egress := w.egress(part); len(egress) > 0 {
		spec.Egress = egress
	}
	name := part.Of(w.name)
	policy := &networkingv1.NetworkPolicyArgs{Metadata: w.stableMetadata(name), Spec: spec}
	_, err := networkingv1.NewNetworkPolicy(ctx, name, policy, opts...)
	return err
}

// ingress returns a rule for each connection to the part.
func (w *wiki) ingress(part parts.Part) networkingv1.NetworkPolicyIngressRuleArray {
	var rules networkingv1.NetworkPolicyIngressRuleArray
	for _, connection := range parts.Connections {
		if w.resolve(connection.To) != parts.Peer(part) {
			continue
		}
		rule := networkingv1.NetworkPolicyIngressRuleArgs{Ports: tcp(connection.Ports...)}
		var from networkingv1.NetworkPolicyPeerArray
		for _, peer := range connection.From {
			if w.exists(peer) && !w.everyone(peer) {
				from = append(from, w.peer(peer))
			}
		}
		switch {
		case len(from) > 0:
			rule.From = from
		case !slices.ContainsFunc(connection.From, w.everyone):
			continue
		}
		rules = append(rules, rule)
	}
	return rules
}

// egress returns the rules for each connection from the part. A connection out of the wiki has a rule for each address that is configured.
func (w *wiki) egress(part parts.Part) networkingv1.NetworkPolicyEgressRuleArray {
	var rules networkingv1.NetworkPolicyEgressRuleArray
	for _, connection := range parts.Connections {
		if !slices.Contains(connection.From, parts.Peer(part)) {
			continue
		}
		to := w.resolve(connection.To)
		switch {
		case !w.exists(to):
		case to.IsPart():
			rules = append(rules, networkingv1.NetworkPolicyEgressRuleArgs{
				To: networkingv1.NetworkPolicyPeerArray{w.peer(to)}, Ports: tcp(connection.Ports...),
			})
		default:
			rules = append(rules, w.outside(to)...)
		}
	}
	return rules
}

// outside returns the rules for connections to a peer that is not part of the wiki. A NetworkPolicy cannot contain host names, so most
// rules allow a port at any address.
func (w *wiki) outside(peer parts.Peer) networkingv1.NetworkPolicyEgressRuleArray {
	anyAddress := func(port pulumi.IntInput) networkingv1.NetworkPolicyEgressRuleArray {
		return networkingv1.NetworkPolicyEgressRuleArray{networkingv1.NetworkPolicyEgressRuleArgs{
			Ports: networkingv1.NetworkPolicyPortArray{policyPort("TCP", port)},
		}}
	}
	var rules networkingv1.NetworkPolicyEgressRuleArray
	switch peer { //nolint:exhaustive // the other peers are not destinations outside of the wiki
	case externalDatabase:
		return anyAddress(w.args.Database.Port)
	case parts.DNS:
		return networkingv1.NetworkPolicyEgressRuleArray{networkingv1.NetworkPolicyEgressRuleArgs{
			Ports: append(networkingv1.NetworkPolicyPortArray{policyPort("UDP", pulumi.Int(53))}, tcp(53)...),
		}}
	case parts.APIServer: // depending on the network plugin, a policy sees the server's own port instead of its Service's
		return networkingv1.NetworkPolicyEgressRuleArray{networkingv1.NetworkPolicyEgressRuleArgs{Ports: tcp(parts.APIServerPorts...)}}
	case parts.MailServer:
		if w.args.Wiki.Mail.Host != "" {
			return anyAddress(w.args.Wiki.Mail.Port)
		}
	case parts.RemoteBackup:
		if remote := w.remote; remote != nil {
			return anyAddress(pulumi.Int(remote.Port))
		}
	case parts.PackageServers:
		for _, port := range w.args.Wiki.packagePorts() {
			rules = append(rules, anyAddress(pulumi.Int(port))...)
		}
	case parts.Destinations:
		for _, destination := range w.destinations {
			rules = append(rules, networkingv1.NetworkPolicyEgressRuleArgs{
				To: networkingv1.NetworkPolicyPeerArray{networkingv1.NetworkPolicyPeerArgs{
					IpBlock: networkingv1.IPBlockArgs{Cidr: pulumi.String(destination.CIDR.String())},
				}},
				Ports: tcp(destination.Port),
			})
		}
	}
	return rules
}

// externalDatabase is what [parts.Database] resolves to if it runs elsewhere.
const externalDatabase parts.Peer = "external database"

// resolve returns the peer that a connection leads to in this wiki.
func (w *wiki) resolve(peer parts.Peer) parts.Peer {
	switch {
	case peer == parts.Front:
		return parts.Peer(w.front())
	case peer == parts.Peer(parts.Database) && w.args.Database.Mode == DatabaseExternal:
		return externalDatabase
	default:
		return peer
	}
}

// exists reports whether this wiki connects to the peer, or from it. For optional destinations outside of the wiki, [wiki.outside] decides.
func (w *wiki) exists(peer parts.Peer) bool {
	switch peer {
	case parts.Peer(parts.Cache):
		return w.args.cached()
	case parts.Peer(parts.Database2), parts.APIServer:
		return w.args.Database.replicated()
	default:
		return true
	}
}

// everyone reports whether the peer may connect from any address.
func (w *wiki) everyone(peer parts.Peer) bool {
	return peer == parts.Readers && !w.args.Ingress.Enabled
}

// peer selects the Pods of a peer.
func (w *wiki) peer(peer parts.Peer) networkingv1.NetworkPolicyPeerArgs {
	switch peer { //nolint:exhaustive // the other peers are parts
	case parts.Readers: // each namespace has its name as a label
		return networkingv1.NetworkPolicyPeerArgs{NamespaceSelector: &metav1.LabelSelectorArgs{
			MatchExpressions: metav1.LabelSelectorRequirementArray{metav1.LabelSelectorRequirementArgs{
				Key: pulumi.String("kubernetes.io/metadata.name"), Operator: pulumi.String("In"),
				Values: pulumi.ToStringArray(w.args.Ingress.namespaces()),
			}},
		}}
	case parts.Prometheus: // in whichever namespace it runs
		return networkingv1.NetworkPolicyPeerArgs{
			NamespaceSelector: &metav1.LabelSelectorArgs{}, PodSelector: &metav1.LabelSelectorArgs{MatchLabels: pulumi.StringMap{
				"app.kubernetes.io/name": pulumi.String("prometheus"),
			}},
		}
	}
	return networkingv1.NetworkPolicyPeerArgs{PodSelector: w.selector(parts.Part(peer))}
}

func tcp(ports ...int) networkingv1.NetworkPolicyPortArray {
	converted := make(networkingv1.NetworkPolicyPortArray, len(ports))
	for i, port := range ports {
		converted[i] = policyPort("TCP", pulumi.Int(port))
	}
	return converted
}

func policyPort(protocol string, port pulumi.IntInput) networkingv1.NetworkPolicyPortInput {
	return networkingv1.NetworkPolicyPortArgs{Protocol: pulumi.String(protocol), Port: port}
}
