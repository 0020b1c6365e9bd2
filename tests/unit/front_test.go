package unit

import (
	"testing"

	"github.com/stretchr/testify/assert"
	corev1 "k8s.io/api/core/v1"

	"github.com/mediawiki-stack/mediawiki-stack/components"
	"github.com/mediawiki-stack/mediawiki-stack/internal/mocks"
)

// withTLS gives the wiki an https address, which is not in its normal form.
func withTLS(a *components.MediaWikiStackArgs) { a.SiteURL = "https://Wiki.example.org:443/" }

func TestReadersAreLedToTheWikisAddress(t *testing.T) {
	const moved = "return (synth(301, \"https://wiki.example.org\"));"
	aliases := func(a *components.MediaWikiStackArgs) { a.Aliases = []string{"www.example.org", "wiki.example.com"} }
	settings := func(changes ...change) string { return vcl(t, update(t, wikiArgs(changes...))) }
	assert.NotContains(t, settings(), "synth(301")
	assert.Contains(t, settings(withTLS), `&& (req.http.X-Forwarded-Proto == "http")) {`+"\n\t\t"+moved)
	assert.Contains(t, settings(withTLS, aliases), `|| req.http.Host ~ "(?i)^(www\.example\.org|wiki\.example\.com)(:[0-9]+)?$")`)
	plain := settings(aliases, func(a *components.MediaWikiStackArgs) { a.SiteURL = "http://wiki.example.org" })
	assert.NotContains(t, plain, "X-Forwarded-Proto")
	assert.Contains(t, plain, `synth(301, "http://wiki.example.org")`)
	promise(t, wikiArgs(withTLS, aliases, uncached), func(t *testing.T, r *mocks.Recording) {
		command := container(t, webPod(t, r), "mediawiki").Command
		assert.Contains(t, command, `Define ALIASES "www\.example\.org|wiki\.example\.com"`, "without Varnish, Apache does the same")
	})
}

func TestBrowsersRememberTLSIfConfigured(t *testing.T) {
	year := func(a *components.MediaWikiStackArgs) { a.HSTS = 31536000 }
	assert.NotContains(t, vcl(t, update(t, wikiArgs(withTLS))), "Strict-Transport-Security")
	assert.Contains(t, vcl(t, update(t, wikiArgs(withTLS, year))), `set resp.http.Strict-Transport-Security = "max-age=31536000";`)
	promise(t, wikiArgs(withTLS, year, uncached), func(t *testing.T, r *mocks.Recording) {
		assert.Contains(t, container(t, webPod(t, r), "mediawiki").Command, "Define HSTS 31536000")
	})
	promise(t, wikiArgs(withTLS, year), func(t *testing.T, r *mocks.Recording) {
		assert.NotContains(t, container(t, webPod(t, r), "mediawiki").Command, "Define HSTS 31536000", "Varnish sends it")
	})
}

func TestAddressInAnotherFormChangesNothing(t *testing.T) {
	normal := update(t, wikiArgs(withTLS))
	for _, form := range []string{"https://wiki.example.org", "https://WIKI.example.org/"} {
		other := update(t, wikiArgs(withTLS, func(a *components.MediaWikiStackArgs) { a.SiteURL = form }))
		assert.Equal(t, vcl(t, normal), vcl(t, other), form)
		assert.Equal(t, webPod(t, normal), webPod(t, other), form)
	}
}

func TestImpossibleHostsAreRefused(t *testing.T) {
	for want, change := range map[string]change{
		"set SiteURL: Aliases":          func(a *components.MediaWikiStackArgs) { a.Aliases = []string{"www.example.org"} },
		`"https://www" in Aliases`:      func(a *components.MediaWikiStackArgs) { withTLS(a); a.Aliases = []string{"https://www"} },
		`"*.example.org" in Aliases`:    func(a *components.MediaWikiStackArgs) { withTLS(a); a.Aliases = []string{"*.example.org"} },
		`"192.0.2.7" in Aliases`:        func(a *components.MediaWikiStackArgs) { withTLS(a); a.Aliases = []string{"192.0.2.7"} },
		"the value of HSTS is 60":       func(a *components.MediaWikiStackArgs) { a.HSTS = 60 },
		"the value of HSTS is -1":       func(a *components.MediaWikiStackArgs) { withTLS(a); a.HSTS = -1 },
		`Service.IPFamilyPolicy is "6"`: func(a *components.MediaWikiStackArgs) { a.Service.IPFamilyPolicy = "6" },
	} {
		assert.ErrorContains(t, refusal(t, wikiArgs(change)), want)
	}
}

func TestIngressControllerReportsTheReadersAddress(t *testing.T) {
	assert.Contains(t, vcl(t, update(t, wikiArgs())), "sub controller {\n}\n", "without an Ingress only trusted proxies are believed")
	behind := vcl(t, update(t, wikiArgs(fronted, proxied("192.0.2.1"))))
	assert.Contains(t, behind, "if (client.ip !~ itself) {\n\t\tcall step; #")
	assert.Contains(t, behind, "acl proxies {\n\t\"192.0.2.1\"/32;\n}\n", "a proxy before the controller")
	promise(t, wikiArgs(fronted, uncached, proxied("192.0.2.1")), func(t *testing.T, r *mocks.Recording) {
		mediawiki := container(t, webPod(t, r), "mediawiki")
		assert.Contains(t, mediawiki.Command, "-DProxied")
		assert.Equal(t, "10.0.0.0/8 172.16.0.0/12 192.168.0.0/16 100.64.0.0/10 fc00::/7 192.0.2.1", variable(mediawiki, "TRUSTED_PROXIES"))
	})
}

func TestServiceHasTheConfiguredFamilies(t *testing.T) {
	families := func(policy string) *corev1.IPFamilyPolicy {
		args := wikiArgs(func(a *components.MediaWikiStackArgs) { a.Service.IPFamilyPolicy = policy })
		return get[corev1.Service](t, update(t, args), "mediawiki-srv").Spec.IPFamilyPolicy
	}
	assert.Nil(t, families(""))
	assert.Equal(t, corev1.IPFamilyPolicyPreferDualStack, *families(components.PreferDualStack))
}
