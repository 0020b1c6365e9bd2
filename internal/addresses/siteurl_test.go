package addresses_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

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

func TestSuggestedSiteURLKeepsTheHost(t *testing.T) {
	for text, want := range map[string]string{
		"https://wiki.corp.example/w/": "https://wiki.corp.example",
		"http://raspberrypi:30080/?x":  "http://raspberrypi:30080",
		"wiki.corp.example":            "https://wiki.corp.example",
		"htps://wiki.corp.example":     "https://wiki.corp.example",
		"Raspberrypi:30080":            "http://raspberrypi:30080",
		"192.168.1.7":                  "http://192.168.1.7",
		"https://me:pw@wiki.example":   "https://wiki.example",
		"https://wiki.example:99999":   "https://wiki.example",
		"https://Küche.example.de":     "https://xn--kche-0ra.example.de",
		"https://*.example.org":        "https://wiki.example.org",
		"https://wiki.example.com./":   "https://wiki.example.com",
		"https://a b":                  "https://wiki.example.org",
		"http://192.168.1":             "https://wiki.example.org",
		"":                             "https://wiki.example.org",
	} {
		found := addresses.SuggestSiteURL(text)
		assert.Equal(t, want, found, text)
		_, err := addresses.ParseSiteURL(found)
		assert.NoError(t, err, text)
	}
}
