package unit

import (
	"encoding/json"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/mediawiki-stack/mediawiki-stack/components"
	"github.com/mediawiki-stack/mediawiki-stack/internal/addresses"
)

// setting is one value of those that a wiki's LocalSettings.php reads.
func (r *recorder) setting(t *testing.T, name, key string) any {
	t.Helper()
	var settings map[string]any
	text := at(t, r.named(t, configMapToken, name+"-settings"), "data", "wiki.json").(string)
	require.NoError(t, json.Unmarshal([]byte(text), &settings))
	return settings[key]
}

func TestEgressIsOpenedForPodsThatRenderPages(t *testing.T) {
	closed := map[string]int{}
	promise(t, wikiArgs(), func(t *testing.T, r *recorder) {
		assert.Equal(t, false, r.setting(t, "mediawiki", "egress"))
		for _, tier := range []string{"app", "jobs", "migration", "backup"} {
			closed[tier] = len(listOf(at(t, r.named(t, policyToken, "mediawiki-"+tier), "spec", "egress")))
		}
	})
	open := func(a *components.MediaWikiStackArgs) {
		a.Egress = []string{"0.0.0.0/0:443", "192.0.2.7:3128", "[2001:db8::/32]:80"}
	}
	promise(t, wikiArgs(open), func(t *testing.T, r *recorder) {
		assert.Equal(t, true, r.setting(t, "mediawiki", "egress"))
		for _, tier := range []string{"app", "jobs", "migration"} {
			rules := listOf(at(t, r.named(t, policyToken, "mediawiki-"+tier), "spec", "egress"))[closed[tier]:]
			require.Len(t, rules, 3, tier)
			for i, want := range []struct {
				cidr string
				port float64
			}{{"0.0.0.0/0", 443}, {"192.0.2.7/32", 3128}, {"2001:db8::/32", 80}} {
				assert.Equal(t, want.cidr, at(t, rules[i], "to", 0, "ipBlock", "cidr"), tier)
				assert.InDelta(t, want.port, at(t, rules[i], "ports", 0, "port"), 0, tier)
				assert.Equal(t, "TCP", at(t, rules[i], "ports", 0, "protocol"), tier)
			}
		}
		assert.Len(t, listOf(at(t, r.named(t, policyToken, "mediawiki-backup"), "spec", "egress")), closed["backup"])
	})
}

func TestWhatIsNoDestinationIsRefused(t *testing.T) {
	for _, text := range []string{
		"", "443", "0.0.0.0/0", "commons.wikimedia.org:443", "https://192.0.2.7:443", "192.0.2.7/24:443", "192.0.2.7:0", "192.0.2.7:65536",
		"192.0.2.7:https", "2001:db8::/32:443", "[fe80::1%eth0]:443",
	} {
		_, err := addresses.ParseDestination(text)
		require.ErrorContains(t, err, "0.0.0.0/0:443", text)
	}
	_, _, err := run(t, true, map[string]*components.MediaWikiStackArgs{
		"mediawiki": wikiArgs(func(a *components.MediaWikiStackArgs) { a.Egress = []string{"0.0.0.0/0:443", "everywhere"} }),
	})
	assert.ErrorContains(t, err, `Egress[1] is "everywhere"`)
}

// TestNoTwoWikisShareCookies is about wikis on one host, which differ by their ports alone: cookies do not know ports.
func TestNoTwoWikisShareCookies(t *testing.T) {
	cookies := func(namespace, name string) string {
		r, _, err := run(t, true, map[string]*components.MediaWikiStackArgs{
			name: wikiArgs(func(a *components.MediaWikiStackArgs) { a.Namespace = pulumi.String(namespace) }),
		})
		require.NoError(t, err)
		return r.setting(t, name, "cookies").(string)
	}
	assert.Equal(t, "wiki-mediawiki", cookies("wiki", "mediawiki"), "which is settled before the first up: a change signs everybody out")
	assert.NotEqual(t, cookies("wiki", "mediawiki"), cookies("team", "mediawiki"))
	assert.NotEqual(t, cookies("wiki", "mediawiki"), cookies("wiki", "other"))
}
