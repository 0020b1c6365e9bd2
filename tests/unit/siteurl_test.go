package unit

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/mediawiki-stack/mediawiki-stack/components"
	"github.com/mediawiki-stack/mediawiki-stack/internal/mocks"
)

func TestEveryPartOfTheWikiHasTheSameFormOfItsAddress(t *testing.T) {
	args := wikiArgs(func(a *components.MediaWikiStackArgs) { a.SiteURL = "HTTPS://Wiki.Example.ORG:443/" })
	promise(t, args, func(t *testing.T, r *mocks.Recording) {
		for pod, name := range map[string]string{"mediawiki-app": "mediawiki", "mediawiki-jobs": "jobs"} {
			address := variable(container(t, r.Pods()[pod].Spec, name), "MEDIAWIKI_SERVER")
			assert.Equal(t, "https://wiki.example.org", address, pod)
		}
		if !r.Preview { // a preview does not know the address of the web Pods
			assert.Contains(t, vcl(t, r), " https://wiki.example.org\")")
		}
	})
}

func TestInvalidSiteURLIsRefused(t *testing.T) {
	err := refusal(t, wikiArgs(func(a *components.MediaWikiStackArgs) { a.SiteURL = "https://example.org/wiki" }))
	assert.ErrorContains(t, err, `the value of SiteURL is "https://example.org/wiki"; set it to http:// or https://`)
}
