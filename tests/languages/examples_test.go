package languages

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// languages have an example each, which describes the same wiki.
var languages = []string{"go", "yaml", "typescript"}

func TestExamplesOfAllLanguagesDescribeTheSameWiki(t *testing.T) {
	first := open(t, languages[0]).preview(t)
	require.Contains(t, first, "mediawiki:index:MediaWikiStack team")
	require.Contains(t, first, "kubernetes:apps/v1:Deployment team-app")
	for _, language := range languages[1:] {
		t.Run(language, func(t *testing.T) {
			assert.Equal(t, first, open(t, language).preview(t))
		})
	}
}

func TestMistakesAreReportedInEveryLanguage(t *testing.T) {
	p := open(t, "yaml")
	for change, want := range map[string]string{
		"profil: pi-4g":  "Property profil does not exist",
		"replicas: many": "Cannot assign type 'string' to type 'integer'",
		"profile: ${masterSecret}": `MediaWikiStack "team": set profile to a plain value: it is a secret, ` +
			"but which objects the wiki has depends on it",
		"profile: huge":                   `MediaWikiStack "team": the value of Profile is "huge"; set it to one of`,
		"siteUrl: ftp://wiki.example.org": `MediaWikiStack "team": the value of SiteURL is "ftp://wiki.example.org"`,
	} {
		p.replace(t, "profile: pi-4g", change)
		out, message, err := p.try(t, "pulumi", "preview", "--stack=dev", "--color=never")
		require.Error(t, err, change)
		assert.Contains(t, out+message, want, change)
		assert.NotContains(t, out+message, masterSecret)
		p.replace(t, change, "profile: pi-4g")
	}
}
