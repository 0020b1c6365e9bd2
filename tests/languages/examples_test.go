package languages

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/mediawiki-stack/mediawiki-stack/tests/internal/kube"
)

// languages have an example each, which describes the same wiki.
var languages = []string{"go", "yaml", "typescript"}

// TestExamplesOfAllLanguagesDeployTheSameWiki deploys the examples one after the other. Each adopts the data of the one before.
func TestExamplesOfAllLanguagesDeployTheSameWiki(t *testing.T) {
	namespace := kube.Open(t, "team-wiki")
	namespace.Temporary(t)
	var first map[string]map[string]any
	var texts []string
	for _, language := range languages {
		t.Run(language, func(t *testing.T) {
			p := open(t, language)
			p.useLocalImages(t, language)
			planned := p.preview(t)
			if first == nil {
				first = planned
			}
			require.Contains(t, first, "mediawiki:index:MediaWikiStack team")
			require.Contains(t, first, "kubernetes:apps/v1:Deployment team-app")
			require.Equal(t, first, planned)

			defer p.destroy(t, namespace)
			p.run(t, "pulumi", "up", "--stack=dev", "--yes")
			p.run(t, "pulumi", "preview", "--stack=dev", "--expect-no-changes")
			admin := p.logIn(t, namespace)
			for _, text := range texts {
				found, err := admin.Texts(t.Context(), text)
				require.NoError(t, err)
				assert.Equal(t, map[string]string{text: text}, found)
			}
			text := "Written in " + language
			require.NoError(t, admin.Edit(t.Context(), text, text))
			texts = append(texts, text)
			page, err := admin.Page(t.Context(), text)
			require.NoError(t, err)
			assert.Contains(t, page, "<p>"+text)
			assert.Contains(t, page, "Team wiki")
		})
	}
}

// TestMistakesAreReportedInEveryLanguage uses the plugin as a release has it: a program that is compiled already.
func TestMistakesAreReportedInEveryLanguage(t *testing.T) {
	p := open(t, "yaml")
	p.installPlugin(t)
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
