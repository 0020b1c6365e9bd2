package unit

import (
	"os"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	corev1 "k8s.io/api/core/v1"

	"github.com/mediawiki-stack/mediawiki-stack/components"
	"github.com/mediawiki-stack/mediawiki-stack/internal/mocks"
)

func TestServicePreservesReadersAddresses(t *testing.T) {
	policy := func(changes ...change) corev1.ServiceExternalTrafficPolicy {
		return get[corev1.Service](t, update(t, wikiArgs(changes...)), "mediawiki-srv").Spec.ExternalTrafficPolicy
	}
	ofType := func(kind string) change { return func(a *components.MediaWikiStackArgs) { a.Service.Type = kind } }
	assert.Equal(t, corev1.ServiceExternalTrafficPolicyLocal, policy(ofType(components.ServiceNodePort)))
	assert.Equal(t, corev1.ServiceExternalTrafficPolicyLocal, policy(ofType(components.ServiceLoadBalancer)))
	assert.Equal(t, corev1.ServiceExternalTrafficPolicyLocal, policy(uncached))
	assert.Empty(t, policy(ofType(components.ServiceClusterIP)), "which cannot have it")
	assert.Empty(t, policy(recipe), "the article has none")
}

func TestOnlyTrustedProxiesAreTrusted(t *testing.T) {
	promise(t, wikiArgs(proxied("10.1.0.0/16", "2001:db8::1")), func(t *testing.T, r *mocks.Recording) {
		if !r.Preview { // a preview does not know the address of the web Pods
			assert.Contains(t, vcl(t, r), "acl proxies {\n\t\"10.1.0.0\"/16;\n\t\"2001:db8::1\"/128;\n}\n", "Varnish reads the list")
		}
		assert.Contains(t, variable(container(t, webPod(t, r), "mediawiki"), "TRUSTED_PROXIES"), "0.0.0.0/1", "Apache trusts Varnish")
	})
	promise(t, wikiArgs(uncached, proxied("10.1.0.0/16", "2001:db8::1")), func(t *testing.T, r *mocks.Recording) {
		mediawiki := container(t, webPod(t, r), "mediawiki")
		assert.Contains(t, mediawiki.Command, "-DProxied")
		assert.Equal(t, "10.1.0.0/16 2001:db8::1", variable(mediawiki, "TRUSTED_PROXIES"), "without Varnish, Apache reads the list")
	})
	promise(t, wikiArgs(uncached), func(t *testing.T, r *mocks.Recording) {
		assert.NotContains(t, container(t, webPod(t, r), "mediawiki").Command, "-DProxied", "by default no client is trusted")
	})
}

func TestInvalidProxiesAreRefused(t *testing.T) {
	for proxy, instead := range map[string]string{
		"10.1.2.3/16": "10.1.0.0/16", "::/0": "the addresses of proxies alone", "proxy": "such as 10.1.0.0/16",
		"fe80::1%eth0": "such as 10.1.0.0/16", "::ffff:10.1.2.3": "such as 10.1.0.0/16",
	} {
		err := refusal(t, wikiArgs(proxied("192.0.2.1", proxy)))
		require.ErrorContains(t, err, "Service.TrustedProxies contains \""+proxy+"\"; set it to")
		require.ErrorContains(t, err, instead)
	}
}

func TestFilesNeedNoPHP(t *testing.T) {
	promise(t, wikiArgs(), func(t *testing.T, r *mocks.Recording) {
		files := container(t, webPod(t, r), "files")
		assert.Contains(t, files.Command, "/etc/mediawiki-stack/files.conf")
		for _, mount := range files.VolumeMounts {
			assert.NotEqual(t, "secrets", mount.Name, "it has no secret")
			if mount.Name == "uploads" {
				assert.True(t, mount.ReadOnly)
			}
		}
		ports := map[int32]bool{}
		for _, port := range get[corev1.Service](t, r, "mediawiki-app").Spec.Ports {
			ports[port.Port] = true
		}
		assert.True(t, ports[8083], "Varnish reaches it: %v", ports)
	})
	promise(t, wikiArgs(uncached), func(t *testing.T, r *mocks.Recording) {
		assert.Len(t, webPod(t, r).Containers, 1, "without Varnish nobody requests files from it")
	})
	conf, err := os.ReadFile("../../components/files/mediawiki/web/files.conf")
	require.NoError(t, err)
	assert.NotContains(t, string(conf), "php_module")
}
