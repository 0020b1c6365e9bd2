package unit

import (
	"os"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/mediawiki-stack/mediawiki-stack/components"
)

func proxied(proxies ...string) func(*components.MediaWikiStackArgs) {
	return func(a *components.MediaWikiStackArgs) { a.Service.TrustedProxies = proxies }
}

func TestServiceKeepsReadersAddresses(t *testing.T) {
	policy := func(change func(*components.MediaWikiStackArgs)) any {
		r, _, err := run(t, false, map[string]*components.MediaWikiStackArgs{"mediawiki": wikiArgs(change)})
		require.NoError(t, err)
		return at(t, r.named(t, serviceToken, "mediawiki-srv"), "spec").(map[string]any)["externalTrafficPolicy"]
	}
	for _, kind := range []string{components.ServiceNodePort, components.ServiceLoadBalancer} {
		assert.Equal(t, "Local", policy(func(a *components.MediaWikiStackArgs) { a.Service.Type = kind }), kind)
	}
	assert.Equal(t, "Local", policy(uncached))
	assert.Nil(t, policy(func(a *components.MediaWikiStackArgs) { a.Service.Type = components.ServiceClusterIP }), "which cannot have it")
	assert.Nil(t, policy(func(a *components.MediaWikiStackArgs) { a.Database.Mode = components.DatabaseSidecar }), "the article has none")
}

func TestTrustedProxiesAloneAreBelieved(t *testing.T) {
	web := func(t *testing.T, r *recorder) (command []any, environment any) {
		container := at(t, r.named(t, deploymentToken, "mediawiki-app"), "spec", "template", "spec", "containers", 0)
		for _, variable := range listOf(at(t, container, "env")) {
			if at(t, variable, "name") == "TRUSTED_PROXIES" {
				environment = at(t, variable, "value")
			}
		}
		return listOf(at(t, container, "command")), environment
	}
	promise(t, wikiArgs(proxied("10.1.0.0/16", "2001:db8::1")), func(t *testing.T, r *recorder) {
		if !r.preview { // of a new wiki it does not know the address
			settings := at(t, r.named(t, configMapToken, "mediawiki-cache"), "data", "settings.vcl")
			assert.Contains(t, settings, "acl proxies {\n\t\"10.1.0.0\"/16;\n\t\"2001:db8::1\"/128;\n}\n", "Varnish reads the list")
		}
		_, environment := web(t, r)
		assert.Contains(t, environment, "0.0.0.0/1", "and Apache takes its word")
	})
	promise(t, wikiArgs(uncached, proxied("10.1.0.0/16", "2001:db8::1")), func(t *testing.T, r *recorder) {
		command, environment := web(t, r)
		assert.Contains(t, command, "-DProxied")
		assert.Equal(t, "10.1.0.0/16 2001:db8::1", environment, "without Varnish, Apache reads the list")
	})
	promise(t, wikiArgs(uncached), func(t *testing.T, r *recorder) {
		command, _ := web(t, r)
		assert.NotContains(t, command, "-DProxied", "by default nobody is believed")
	})
}

func TestImpossibleProxiesAreRefused(t *testing.T) {
	for proxy, instead := range map[string]string{
		"10.1.2.3/16": "10.1.0.0/16", "::/0": "the addresses of proxies alone", "proxy": "such as 10.1.0.0/16",
		"fe80::1%eth0": "such as 10.1.0.0/16", "::ffff:10.1.2.3": "such as 10.1.0.0/16",
	} {
		_, _, err := run(t, false, map[string]*components.MediaWikiStackArgs{"mediawiki": wikiArgs(proxied("192.0.2.1", proxy))})
		require.ErrorContains(t, err, "Service.TrustedProxies contains \""+proxy+"\"; set it to")
		require.ErrorContains(t, err, instead)
	}
}

func TestFilesNeedNoPHP(t *testing.T) {
	promise(t, wikiArgs(), func(t *testing.T, r *recorder) {
		spec := at(t, r.named(t, deploymentToken, "mediawiki-app"), "spec", "template", "spec")
		files := at(t, spec, "containers", 1)
		assert.Equal(t, "files", at(t, files, "name"))
		assert.Contains(t, listOf(at(t, files, "command")), "/etc/mediawiki-stack/files.conf")
		for _, mounted := range listOf(at(t, files, "volumeMounts")) {
			assert.NotEqual(t, "secrets", at(t, mounted, "name"), "it has no secret")
			if at(t, mounted, "name") == "uploads" {
				assert.Equal(t, true, at(t, mounted, "readOnly"))
			}
		}
		assert.EqualValues(t, 8083, at(t, r.named(t, serviceToken, "mediawiki-app"), "spec", "ports", 1, "port"), "Varnish finds it")
	})
	promise(t, wikiArgs(uncached), func(t *testing.T, r *recorder) {
		spec := at(t, r.named(t, deploymentToken, "mediawiki-app"), "spec", "template", "spec")
		assert.Len(t, listOf(at(t, spec, "containers")), 1, "without Varnish nobody asks it")
	})
	conf, err := os.ReadFile("../../components/files/mediawiki/web/files.conf")
	require.NoError(t, err)
	assert.NotContains(t, string(conf), "php_module")
}
