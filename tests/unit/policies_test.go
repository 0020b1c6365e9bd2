package unit

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/mediawiki-stack/mediawiki-stack/components"
)

func TestOnlyTheWikiTalksToItsDatabase(t *testing.T) {
	promise(t, wikiArgs(), func(t *testing.T, r *recorder) {
		policy := r.named(t, policyToken, "mediawiki-db")
		assert.Equal(t, "mediawiki-db", at(t, policy, "spec", "podSelector", "matchLabels", "app"))
		peers := listOf(at(t, policy, "spec", "ingress", 0, "from"))
		from := make([]any, 0, len(peers))
		for _, peer := range peers {
			from = append(from, at(t, peer, "podSelector", "matchLabels", "app"))
		}
		assert.Equal(t, []any{"mediawiki-app", "mediawiki-jobs", "mediawiki-migration", "mediawiki-backup"}, from)
		assert.NotContains(t, at(t, policy, "spec"), "egress", "and it talks to nobody")
		for _, name := range []string{"mediawiki-jobs", "mediawiki-migration", "mediawiki-backup"} {
			assert.NotContains(t, at(t, r.named(t, policyToken, name), "spec"), "ingress", "nobody talks to %s", name)
		}
	})
}

func TestPrometheusAloneReadsMetrics(t *testing.T) {
	promise(t, wikiArgs(uncached), func(t *testing.T, r *recorder) {
		ingress := listOf(at(t, r.named(t, policyToken, "mediawiki-app"), "spec", "ingress"))
		require.Len(t, ingress, 2)
		assert.NotContains(t, ingress[0], "from", "everybody reads the wiki")
		assert.EqualValues(t, 8080, at(t, ingress[0], "ports", 0, "port"))
		assert.EqualValues(t, 8081, at(t, ingress[1], "ports", 0, "port"))
		assert.Equal(t, "prometheus", at(t, ingress[1], "from", 0, "podSelector", "matchLabels", "app.kubernetes.io/name"))
	})
}

func TestMailIsTheOnlyOtherWayOut(t *testing.T) {
	ways := func(change func(*components.MediaWikiStackArgs)) int {
		r, _, err := run(t, false, map[string]*components.MediaWikiStackArgs{"mediawiki": wikiArgs(uncached, change)})
		require.NoError(t, err)
		return len(listOf(at(t, r.named(t, policyToken, "mediawiki-app"), "spec", "egress")))
	}
	assert.Equal(t, 3, ways(func(*components.MediaWikiStackArgs) {}), "names, the database and memcached")
	assert.Equal(t, 4, ways(func(a *components.MediaWikiStackArgs) { a.Wiki.Mail.Host = "mail.example.org" }))
}
