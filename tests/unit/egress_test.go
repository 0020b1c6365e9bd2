package unit

import (
	"strings"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/mediawiki-stack/mediawiki-stack/components"
	"github.com/mediawiki-stack/mediawiki-stack/internal/mocks"
)

func TestEgressIsOpenedForPodsThatRenderPages(t *testing.T) {
	open := func(a *components.MediaWikiStackArgs) {
		a.Egress = []string{"0.0.0.0/0:443", "192.0.2.7:3128", "[2001:db8::/32]:80"}
	}
	promise(t, wikiArgs(), func(t *testing.T, r *mocks.Recording) {
		assert.Equal(t, false, setting(t, r, "mediawiki", "egress"))
	})
	promise(t, wikiArgs(open), func(t *testing.T, r *mocks.Recording) {
		assert.Equal(t, true, setting(t, r, "mediawiki", "egress"))
	})
	_, egress := connections(t, open)
	for _, part := range []string{"app", "jobs", "migration"} {
		assert.Subset(t, egress, []string{
			"mediawiki-" + part + " > 0.0.0.0/0: 443", "mediawiki-" + part + " > 192.0.2.7/32: 3128",
			"mediawiki-" + part + " > 2001:db8::/32: 80",
		})
	}
	assert.NotContains(t, strings.Join(egress, "\n"), "mediawiki-backup > 0.0.0.0/0")
}

func TestInvalidDestinationIsRefused(t *testing.T) {
	err := refusal(t, wikiArgs(func(a *components.MediaWikiStackArgs) { a.Egress = []string{"0.0.0.0/0:443", "everywhere"} }))
	assert.ErrorContains(t, err, `Egress[1] is "everywhere"`)
}

// Wikis on one host differ by their ports only, and cookies do not depend on ports.
func TestNoTwoWikisShareCookies(t *testing.T) {
	cookies := func(namespace, name string) any {
		r, _, err := run(true, map[string]*components.MediaWikiStackArgs{
			name: wikiArgs(func(a *components.MediaWikiStackArgs) { a.Namespace = pulumi.String(namespace) }),
		})
		require.NoError(t, err)
		return setting(t, r, name, "cookies")
	}
	assert.Equal(t, "wiki-mediawiki", cookies("wiki", "mediawiki"), "another value would log everybody out")
	assert.NotEqual(t, cookies("wiki", "mediawiki"), cookies("team", "mediawiki"))
	assert.NotEqual(t, cookies("wiki", "mediawiki"), cookies("wiki", "other"))
}
