package unit

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	"github.com/stretchr/testify/assert"
	networkingv1 "k8s.io/api/networking/v1"

	"github.com/mediawiki-stack/mediawiki-stack/components"
	"github.com/mediawiki-stack/mediawiki-stack/internal/mocks"
)

// connections lists what the policies of a wiki allow on each side of a connection: "from > to: ports".
func connections(t *testing.T, changes ...change) (ingress, egress []string) {
	t.Helper()
	for _, policy := range mocks.All[networkingv1.NetworkPolicy](update(t, wikiArgs(changes...))) {
		self := policy.Spec.PodSelector.MatchLabels["app"]
		assert.Equal(t, policy.Name, self)
		assert.Equal(t, []networkingv1.PolicyType{"Ingress", "Egress"}, policy.Spec.PolicyTypes, "what is not listed is denied")
		for _, rule := range policy.Spec.Ingress {
			ingress = append(ingress, describe(rule.From, rule.Ports, "", " > "+self)...)
		}
		for _, rule := range policy.Spec.Egress {
			egress = append(egress, describe(rule.To, rule.Ports, self+" > ", "")...)
		}
	}
	slices.Sort(ingress)
	slices.Sort(egress)
	return ingress, egress
}

func describe(peers []networkingv1.NetworkPolicyPeer, ports []networkingv1.NetworkPolicyPort, before, after string) []string {
	numbers := make([]string, len(ports))
	for i, port := range ports {
		numbers[i] = port.Port.String()
		if *port.Protocol != "TCP" {
			numbers[i] += "/" + string(*port.Protocol)
		}
	}
	names := []string{"anywhere"}
	if len(peers) > 0 {
		names = nil
	}
	for _, peer := range peers {
		switch {
		case peer.IPBlock != nil:
			names = append(names, peer.IPBlock.CIDR)
		case peer.NamespaceSelector != nil && peer.PodSelector == nil:
			names = append(names, "namespaces "+strings.Join(peer.NamespaceSelector.MatchExpressions[0].Values, ", "))
		case peer.NamespaceSelector != nil:
			names = append(names, fmt.Sprint("any namespace's ", peer.PodSelector.MatchLabels["app.kubernetes.io/name"]))
		default:
			names = append(names, peer.PodSelector.MatchLabels["app"])
		}
	}
	all := make([]string, len(names))
	for i, name := range names {
		all[i] = before + name + after + ": " + strings.Join(numbers, " ")
	}
	return all
}

func TestPoliciesAllowTheseConnectionsAndNoOthers(t *testing.T) {
	ingress, egress := connections(t)
	assert.Equal(t, []string{
		"any namespace's prometheus > mediawiki-app: 8081",
		"any namespace's prometheus > mediawiki-cache: 8084",
		"anywhere > mediawiki-cache: 8080",
		"mediawiki-app > mediawiki-cache: 8082",
		"mediawiki-app > mediawiki-db: 3306",
		"mediawiki-app > mediawiki-objectcache: 11211",
		"mediawiki-backup > mediawiki-cache: 8082",
		"mediawiki-backup > mediawiki-db: 3306",
		"mediawiki-backup > mediawiki-objectcache: 11211",
		"mediawiki-cache > mediawiki-app: 8080 8083",
		"mediawiki-jobs > mediawiki-cache: 8082",
		"mediawiki-jobs > mediawiki-db: 3306",
		"mediawiki-jobs > mediawiki-objectcache: 11211",
		"mediawiki-migration > mediawiki-cache: 8082",
		"mediawiki-migration > mediawiki-db: 3306",
		"mediawiki-migration > mediawiki-objectcache: 11211",
	}, ingress)
	want := slices.DeleteFunc(ingress, func(c string) bool { return strings.HasPrefix(c, "any") }) // from outside the wiki
	for _, part := range []string{"app", "backup", "cache", "jobs", "migration"} {
		want = append(want, "mediawiki-"+part+" > anywhere: 53/UDP 53") // DNS
	}
	assert.ElementsMatch(t, want, egress, "both sides of a connection inside the wiki allow it")
}

func TestUncachedWikiIsReadByEveryone(t *testing.T) {
	ingress, egress := connections(t, uncached)
	assert.Contains(t, ingress, "anywhere > mediawiki-app: 8080")
	assert.NotContains(t, strings.Join(append(ingress, egress...), "\n"), "mediawiki-cache")
}

func TestExternalDatabaseIsReachedAtItsPortAlone(t *testing.T) {
	_, egress := connections(t, external, func(a *components.MediaWikiStackArgs) { a.Database.Port = pulumi.Int(3307) })
	for _, part := range []string{"app", "jobs", "migration", "backup"} {
		assert.Contains(t, egress, "mediawiki-"+part+" > anywhere: 3307")
	}
	assert.NotContains(t, strings.Join(egress, "\n"), "3306")
}

func TestWaysOutAreThoseThatAreConfigured(t *testing.T) {
	_, before := connections(t)
	_, after := connections(t, func(a *components.MediaWikiStackArgs) {
		a.Wiki.Mail.Host = "mail.example.org"
		a.Egress = []string{"192.0.2.7:3128"}
		a.Backups.Remote = components.RemoteArgs{Address: "s3:https://s3.example.org:9000/bucket"}
	})
	assert.Equal(t, []string{
		"mediawiki-app > 192.0.2.7/32: 3128",
		"mediawiki-app > anywhere: 25",
		"mediawiki-backup > anywhere: 25",
		"mediawiki-backup > anywhere: 9000",
		"mediawiki-jobs > 192.0.2.7/32: 3128",
		"mediawiki-jobs > anywhere: 25",
		"mediawiki-migration > 192.0.2.7/32: 3128",
		"mediawiki-migration > anywhere: 25",
		"mediawiki-migration > anywhere: 9000",
	}, slices.DeleteFunc(after, func(c string) bool { return slices.Contains(before, c) }))
}
