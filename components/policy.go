package components

import (
	metav1 "github.com/pulumi/pulumi-kubernetes/sdk/v4/go/kubernetes/meta/v1"
	networkingv1 "github.com/pulumi/pulumi-kubernetes/sdk/v4/go/kubernetes/networking/v1"
	policyv1 "github.com/pulumi/pulumi-kubernetes/sdk/v4/go/kubernetes/policy/v1"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

// newPolicy says who may talk to the Pods with these labels, and with whom they may; what is not listed may not.
func newPolicy(
	ctx *pulumi.Context, name string, namespace pulumi.StringInput, labels pulumi.StringMap,
	ingress networkingv1.NetworkPolicyIngressRuleArray, egress networkingv1.NetworkPolicyEgressRuleArray,
	opts ...pulumi.ResourceOption,
) error {
	spec := &networkingv1.NetworkPolicySpecArgs{
		PodSelector: &metav1.LabelSelectorArgs{MatchLabels: labels},
		PolicyTypes: pulumi.ToStringArray([]string{"Ingress", "Egress"}),
	}
	// Empty lists would differ from what the API server stores.
	if len(ingress) > 0 {
		spec.Ingress = ingress
	}
	if len(egress) > 0 {
		spec.Egress = egress
	}
	policy := &networkingv1.NetworkPolicyArgs{Metadata: lasting(namespace, name), Spec: spec}
	_, err := networkingv1.NewNetworkPolicy(ctx, name, policy, opts...)
	return err
}

// newBudget lets one Pod at a time be taken away, also if there is but one: nobody has to force a node that is being emptied.
func newBudget(
	ctx *pulumi.Context, name string, namespace pulumi.StringInput, labels pulumi.StringMap, opts ...pulumi.ResourceOption,
) error {
	_, err := policyv1.NewPodDisruptionBudget(ctx, name, &policyv1.PodDisruptionBudgetArgs{
		Metadata: lasting(namespace, name),
		Spec: &policyv1.PodDisruptionBudgetSpecArgs{
			Selector: &metav1.LabelSelectorArgs{MatchLabels: labels}, MaxUnavailable: pulumi.Int(1),
		},
	}, opts...)
	return err
}

// egress is what MediaWiki asks for: names, its database, its caches, and the server that takes its mail.
func (t *tierArgs) egress() networkingv1.NetworkPolicyEgressRuleArray {
	toDatabase := networkingv1.NetworkPolicyEgressRuleArgs{Ports: policyPorts("TCP", t.database.port)}
	if t.database.peers != nil {
		toDatabase.To = peers(t.database.peers)
	}
	rules := networkingv1.NetworkPolicyEgressRuleArray{
		names(),
		toDatabase,
		networkingv1.NetworkPolicyEgressRuleArgs{
			To:    peers(pulumi.StringMap{"app": pulumi.String(objectCacheName(t.name))}),
			Ports: policyPorts("TCP", pulumi.Int(memcachedPort)),
		},
	}
	if t.cached {
		rules = append(rules, networkingv1.NetworkPolicyEgressRuleArgs{
			To: peers(pulumi.StringMap{"app": pulumi.String(cacheName(t.name))}), Ports: policyPorts("TCP", pulumi.Int(purgePort)),
		})
	}
	if t.wiki.Mail.Host != "" {
		rules = append(rules, networkingv1.NetworkPolicyEgressRuleArgs{Ports: policyPorts("TCP", t.wiki.Mail.Port)})
	}
	return rules
}

// fromTiers lets the Pods in that run MediaWiki.
func fromTiers(name string, port pulumi.IntInput) networkingv1.NetworkPolicyIngressRuleArray {
	names := tierNames(name)
	tiers := make(networkingv1.NetworkPolicyPeerArray, 0, len(names))
	for _, tier := range names {
		tiers = append(tiers, peers(pulumi.StringMap{"app": pulumi.String(tier)})...)
	}
	return networkingv1.NetworkPolicyIngressRuleArray{networkingv1.NetworkPolicyIngressRuleArgs{
		From: tiers, Ports: policyPorts("TCP", port),
	}}
}

// fromEverywhere lets everybody in on a port.
func fromEverywhere(port int) networkingv1.NetworkPolicyIngressRuleArray {
	return networkingv1.NetworkPolicyIngressRuleArray{
		networkingv1.NetworkPolicyIngressRuleArgs{Ports: policyPorts("TCP", pulumi.Int(port))},
	}
}

// toWiki lets caches ask for names, and for what they have no copy of.
func toWiki(name string) networkingv1.NetworkPolicyEgressRuleArray {
	return networkingv1.NetworkPolicyEgressRuleArray{
		names(),
		networkingv1.NetworkPolicyEgressRuleArgs{
			To:    peers(pulumi.StringMap{"app": pulumi.String(name + "-app")}),
			Ports: append(policyPorts("TCP", pulumi.Int(wikiPort)), policyPorts("TCP", pulumi.Int(filesPort))...),
		},
	}
}

// names lets Pods ask for names.
func names() networkingv1.NetworkPolicyEgressRuleArgs {
	return networkingv1.NetworkPolicyEgressRuleArgs{
		Ports: append(policyPorts("UDP", pulumi.Int(53)), policyPorts("TCP", pulumi.Int(53))...),
	}
}

// readersAndPrometheus lets everybody read the wiki, be it by way of caches, and Prometheus, in whichever namespace it runs, read metrics.
func (t *tierArgs) readersAndPrometheus() networkingv1.NetworkPolicyIngressRuleArray {
	readers := fromEverywhere(wikiPort)
	if t.cached {
		readers = networkingv1.NetworkPolicyIngressRuleArray{networkingv1.NetworkPolicyIngressRuleArgs{
			From:  peers(pulumi.StringMap{"app": pulumi.String(cacheName(t.name))}),
			Ports: append(policyPorts("TCP", pulumi.Int(wikiPort)), policyPorts("TCP", pulumi.Int(filesPort))...),
		}}
	}
	return append(readers, networkingv1.NetworkPolicyIngressRuleArgs{
		From: networkingv1.NetworkPolicyPeerArray{networkingv1.NetworkPolicyPeerArgs{
			NamespaceSelector: &metav1.LabelSelectorArgs{}, PodSelector: &metav1.LabelSelectorArgs{MatchLabels: pulumi.StringMap{
				"app.kubernetes.io/name": pulumi.String("prometheus"),
			}},
		}},
		Ports: policyPorts("TCP", pulumi.Int(healthPort)),
	})
}

func peers(labels pulumi.StringMap) networkingv1.NetworkPolicyPeerArray {
	return networkingv1.NetworkPolicyPeerArray{networkingv1.NetworkPolicyPeerArgs{
		PodSelector: &metav1.LabelSelectorArgs{MatchLabels: labels},
	}}
}

func policyPorts(protocol string, port pulumi.IntInput) networkingv1.NetworkPolicyPortArray {
	return networkingv1.NetworkPolicyPortArray{networkingv1.NetworkPolicyPortArgs{Protocol: pulumi.String(protocol), Port: port}}
}
