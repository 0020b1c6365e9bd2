package unit

import (
	"testing"

	"github.com/stretchr/testify/assert"
)

func TestAllPodsOfTheWikiShareOneObjectCache(t *testing.T) {
	promise(t, wikiArgs(), func(t *testing.T, r *recorder) {
		assert.Contains(t, purged(t, r), `"objectCache":"mediawiki-objectcache:11211"`)
		memcached := r.named(t, deploymentToken, "mediawiki-objectcache")
		assert.EqualValues(t, 1, at(t, memcached, "spec", "replicas"))
		assert.Equal(t, "Recreate", at(t, memcached, "spec", "strategy", "type"), "never two at a time")
		service := r.named(t, serviceToken, "mediawiki-objectcache")
		assert.Equal(t, "mediawiki-objectcache", at(t, service, "spec", "selector", "app"))
		assert.Equal(t, true, at(t, service, "spec", "publishNotReadyAddresses"), "it is told what to forget as long as it runs")
		assert.NotContains(t, at(t, memcached, "spec", "template", "spec", "containers", 0), "readinessProbe")
	})
}

func TestOnlyTheWikiTalksToItsObjectCache(t *testing.T) {
	promise(t, wikiArgs(), func(t *testing.T, r *recorder) {
		policy := r.named(t, policyToken, "mediawiki-objectcache")
		callers := listOf(at(t, policy, "spec", "ingress", 0, "from"))
		from := make([]any, 0, len(callers))
		for _, peer := range callers {
			from = append(from, at(t, peer, "podSelector", "matchLabels", "app"))
		}
		assert.Equal(t, []any{"mediawiki-app", "mediawiki-jobs", "mediawiki-migration", "mediawiki-backup"}, from)
		assert.EqualValues(t, 11211, at(t, policy, "spec", "ingress", 0, "ports", 0, "port"))
		assert.NotContains(t, at(t, policy, "spec"), "egress", "and it talks to nobody")
	})
}
