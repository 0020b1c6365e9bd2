package unit

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/mediawiki-stack/mediawiki-stack/components"
	"github.com/mediawiki-stack/mediawiki-stack/internal/addresses"
)

func TestSiteURLHasOneForm(t *testing.T) {
	for address, want := range map[string]string{
		"https://wiki.example.org":        "https://wiki.example.org",
		"https://wiki.example.org/":       "https://wiki.example.org",
		"HTTPS://Wiki.Example.ORG":        "https://wiki.example.org",
		"https://wiki.example.org:443":    "https://wiki.example.org",
		"http://wiki.example.org:0080/":   "http://wiki.example.org",
		"http://wiki.example.org:443":     "http://wiki.example.org:443",
		"http://raspberrypi:30080":        "http://raspberrypi:30080",
		"http://192.168.1.7:30080":        "http://192.168.1.7:30080",
		"http://[FD00:0::7]:30080":        "http://[fd00::7]:30080",
		"https://xn--kche-0ra.example.de": "https://xn--kche-0ra.example.de",
	} {
		found, err := addresses.ParseSiteURL(address)
		require.NoError(t, err, address)
		assert.Equal(t, want, found, address)
	}
}

func TestEveryPartOfTheWikiHasTheSameFormOfItsAddress(t *testing.T) {
	args := wikiArgs(func(a *components.MediaWikiStackArgs) { a.SiteURL = "HTTPS://Wiki.Example.ORG:443/" })
	promise(t, args, func(t *testing.T, r *recorder) {
		found := 0
		for _, template := range pods(r) {
			for _, container := range containers(template) {
				for _, variable := range listOf(container.(map[string]any)["env"]) {
					if at(t, variable, "name") == "MEDIAWIKI_SERVER" {
						assert.Equal(t, "https://wiki.example.org", at(t, variable, "value"))
						found++
					}
				}
			}
		}
		assert.Equal(t, 2, found, "web and jobs")
		if !r.preview { // of a new wiki it does not know the address of web Pods
			assert.Contains(t, at(t, r.named(t, configMapToken, "mediawiki-cache"), "data", "settings.vcl"), " https://wiki.example.org\")")
		}
	})
}

func TestImpossibleSiteURLIsRefusedByTheComponent(t *testing.T) {
	_, _, err := run(t, false, map[string]*components.MediaWikiStackArgs{
		"mediawiki": wikiArgs(func(a *components.MediaWikiStackArgs) { a.SiteURL = "https://example.org/wiki" }),
	})
	assert.ErrorContains(t, err, `the value of SiteURL is "https://example.org/wiki"; set it to http:// or https://`)
}
