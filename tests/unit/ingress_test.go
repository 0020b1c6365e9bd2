package unit

import (
	"encoding/base64"
	"slices"
	"strings"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi/internals"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	networkingv1 "k8s.io/api/networking/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/mediawiki-stack/mediawiki-stack/components"
	"github.com/mediawiki-stack/mediawiki-stack/internal/defaults"
	"github.com/mediawiki-stack/mediawiki-stack/internal/mocks"
)

// spec returns the specification of a custom resource, or nil if none of this kind is registered.
func spec(r *mocks.Recording, kind string) map[string]any {
	for _, object := range mocks.All[unstructured.Unstructured](r) {
		if object.GetKind() == kind {
			return object.Object["spec"].(map[string]any)
		}
	}
	return nil
}

func TestIngressLeadsItsHostsToTheWiki(t *testing.T) {
	args := wikiArgs(fronted, func(a *components.MediaWikiStackArgs) {
		a.Aliases = []string{"www.example.org"}
		a.Ingress.Class = pulumi.String("public")
		a.Ingress.Annotations = map[string]string{"nginx.ingress.kubernetes.io/proxy-read-timeout": "300", "example.org/team": "soup"}
		a.Service.Type = components.ServiceNodePort // as the program's configuration has it by default
	})
	promise(t, args, func(t *testing.T, r *mocks.Recording) {
		ingress := get[networkingv1.Ingress](t, r, "mediawiki-ingress")
		assert.Equal(t, "public", *ingress.Spec.IngressClassName)
		require.Len(t, ingress.Spec.TLS, 1)
		assert.Equal(t, []string{"wiki.example.org", "www.example.org"}, ingress.Spec.TLS[0].Hosts)
		assert.Equal(t, "mediawiki-tls", ingress.Spec.TLS[0].SecretName)
		require.Len(t, ingress.Spec.Rules, 2)
		for i, rule := range ingress.Spec.Rules {
			assert.Equal(t, ingress.Spec.TLS[0].Hosts[i], rule.Host)
			path := rule.HTTP.Paths[0]
			assert.Equal(t, "/", path.Path)
			assert.Equal(t, networkingv1.PathTypePrefix, *path.PathType)
			assert.EqualValues(t, 80, path.Backend.Service.Port.Number)
			if !r.Preview {
				assert.Equal(t, "mediawiki-srv", path.Backend.Service.Name)
			}
		}
		assert.Equal(t, "0", ingress.Annotations["nginx.ingress.kubernetes.io/proxy-body-size"])
		assert.Equal(t, "300", ingress.Annotations["nginx.ingress.kubernetes.io/proxy-read-timeout"], "the user's value")
		assert.Equal(t, "soup", ingress.Annotations["example.org/team"])
		assert.Equal(t, "true", ingress.Annotations["pulumi.com/skipAwait"], "controllers at host ports report no address")
		service := get[corev1.Service](t, r, "mediawiki-srv")
		assert.Equal(t, corev1.ServiceTypeClusterIP, service.Spec.Type)
		assert.Empty(t, service.Spec.ExternalTrafficPolicy)
	})
}

func TestClusterChoosesTheClassByDefault(t *testing.T) {
	promise(t, wikiArgs(fronted), func(t *testing.T, r *mocks.Recording) {
		assert.Nil(t, get[networkingv1.Ingress](t, r, "mediawiki-ingress").Spec.IngressClassName)
		assert.Contains(t, text(t, spec(r, "Issuer")), `"solvers":[{"http01":{"ingress":{"serviceType":"ClusterIP"}}}]`)
	})
}

func TestCertificateIsRequestedForAllHosts(t *testing.T) {
	args := wikiArgs(fronted, func(a *components.MediaWikiStackArgs) {
		a.Aliases = []string{"www.example.org"}
		a.Ingress.Class = pulumi.String("public")
		a.Ingress.TLS.ACMEServer, a.Ingress.TLS.ACMECA = pulumi.String("https://ca.example.org/dir"), pulumi.String("a bundle")
	})
	promise(t, args, func(t *testing.T, r *mocks.Recording) {
		assert.Equal(t, map[string]any{
			"secretName": "mediawiki-tls", "dnsNames": []any{"wiki.example.org", "www.example.org"},
			"issuerRef": map[string]any{"group": "cert-manager.io", "kind": "Issuer", "name": "mediawiki-ingress"},
		}, spec(r, "Certificate"))
		assert.Equal(t, map[string]any{
			"email": "you@example.org", "server": "https://ca.example.org/dir",
			"caBundle":            base64.StdEncoding.EncodeToString([]byte("a bundle")),
			"privateKeySecretRef": map[string]any{"name": "mediawiki-acme-account"},
			"solvers": []any{map[string]any{"http01": map[string]any{"ingress": map[string]any{
				"ingressClassName": "public", "serviceType": "ClusterIP",
			}}}},
		}, spec(r, "Issuer")["acme"])
	})
	acme := spec(update(t, wikiArgs(fronted)), "Issuer")["acme"].(map[string]any)
	assert.Equal(t, defaults.ACMEServer, acme["server"])
	assert.NotContains(t, acme, "caBundle")
}

func TestEachKindOfCertificateHasItsObjects(t *testing.T) {
	secretName := func(t *testing.T, r *mocks.Recording) string {
		t.Helper()
		return get[networkingv1.Ingress](t, r, "mediawiki-ingress").Spec.TLS[0].SecretName
	}
	issued := wikiArgs(fronted, certified(components.TLSArgs{Issuer: "ClusterIssuer/letsencrypt"}))
	promise(t, issued, func(t *testing.T, r *mocks.Recording) {
		assert.Equal(t, map[string]any{"group": "cert-manager.io", "kind": "ClusterIssuer", "name": "letsencrypt"},
			spec(r, "Certificate")["issuerRef"])
		assert.Nil(t, spec(r, "Issuer"))
		assert.Equal(t, "mediawiki-tls", secretName(t, r))
	})
	promise(t, wikiArgs(fronted, certified(components.TLSArgs{Secret: "ours"})), func(t *testing.T, r *mocks.Recording) {
		assert.Nil(t, spec(r, "Certificate"))
		assert.Equal(t, "ours", secretName(t, r))
	})
	given := components.TLSArgs{Certificate: pulumi.String("a chain"), Key: pulumi.String("canary-key")}
	promise(t, wikiArgs(fronted, certified(given)), func(t *testing.T, r *mocks.Recording) {
		assert.Nil(t, spec(r, "Certificate"))
		secret := get[corev1.Secret](t, r, "mediawiki-ingress")
		assert.Equal(t, corev1.SecretTypeTLS, secret.Type)
		assert.Equal(t, map[string]string{"tls.crt": "a chain", "tls.key": "canary-key"}, secret.StringData)
		for _, res := range r.Resources {
			if strings.Contains(registration(res), "canary-key") {
				assert.Equal(t, "Secret mediawiki-ingress", res.String())
				assert.True(t, res.Inputs["stringData"].ContainsSecrets())
			}
		}
		if !r.Preview {
			assert.Regexp(t, generated("mediawiki-ingress"), secretName(t, r))
		}
	})
}

func TestPodsReadTheCertificateOfTheIngressWithoutItsKey(t *testing.T) {
	for name, tls := range map[string]components.TLSArgs{
		"an authority's": {Email: "you@example.org"},
		"a Secret":       {Secret: "ours"},
		"given":          {Certificate: pulumi.String("a chain"), Key: pulumi.String("a key")},
	} {
		t.Run(name, func(t *testing.T) {
			promise(t, wikiArgs(fronted, certified(tls)), func(t *testing.T, r *mocks.Recording) {
				volumes := get[appsv1.Deployment](t, r, "mediawiki-app").Spec.Template.Spec.Volumes
				i := slices.IndexFunc(volumes, func(v corev1.Volume) bool { return v.Name == "certificate" })
				require.GreaterOrEqual(t, i, 0)
				secret := volumes[i].Secret
				assert.Equal(t, []corev1.KeyToPath{{Key: "tls.crt", Path: "tls.crt"}}, secret.Items)
				assert.Equal(t, get[networkingv1.Ingress](t, r, "mediawiki-ingress").Spec.TLS[0].SecretName, secret.SecretName)
			})
		})
	}
}

func TestStackNamesTheCertificateToWaitFor(t *testing.T) {
	for name, c := range map[string]struct {
		args *components.MediaWikiStackArgs
		want string
	}{
		"managed":    {wikiArgs(fronted), "mediawiki-ingress"},
		"a Secret":   {wikiArgs(fronted, certified(components.TLSArgs{Secret: "ours"})), ""},
		"no Ingress": {wikiArgs(), ""},
		"the recipe": {wikiArgs(recipe), ""},
	} {
		_, created, err := run(false, map[string]*components.MediaWikiStackArgs{"mediawiki": c.args})
		require.NoError(t, err)
		result, err := internals.UnsafeAwaitOutput(t.Context(), created["mediawiki"].Certificate)
		require.NoError(t, err)
		assert.Equal(t, c.want, result.Value, name)
	}
}

func TestOnlyTheControllerReachesAWikiBehindAnIngress(t *testing.T) {
	ingress, _ := connections(t, fronted)
	assert.Contains(t, ingress, "namespaces ingress, kube-system, ingress-nginx, traefik > mediawiki-cache: 8080")
	assert.NotContains(t, ingress, "anywhere > mediawiki-cache: 8080")
	ingress, _ = connections(t, fronted, uncached, func(a *components.MediaWikiStackArgs) { a.Ingress.Namespace = "edge" })
	assert.Contains(t, ingress, "namespaces edge > mediawiki-app: 8080")
}

func TestImpossibleIngressIsRefused(t *testing.T) {
	at := func(address string) change { return func(a *components.MediaWikiStackArgs) { a.SiteURL = address } }
	balanced := func(a *components.MediaWikiStackArgs) { a.Service.Type = components.ServiceLoadBalancer }
	for name, c := range map[string]struct {
		change change
		want   string
	}{
		"without an address":    {at(""), "SiteURL"},
		"without TLS":           {at("http://wiki.example.org"), "https:// and a DNS name"},
		"at an IP address":      {at("https://192.0.2.7"), "https:// and a DNS name"},
		"at a load balancer":    {balanced, "Service.Type"},
		"at a node port":        {func(a *components.MediaWikiStackArgs) { a.Service.NodePort = 30080 }, "Service.NodePort"},
		"without a certificate": {certified(components.TLSArgs{}), "0 of Ingress.TLS.Email"},
		"with two certificates": {certified(components.TLSArgs{Email: "you@example.org", Secret: "ours"}), "2 of Ingress.TLS.Email"},
		"of an unknown issuer":  {certified(components.TLSArgs{Issuer: "letsencrypt"}), "Issuer/NAME or ClusterIssuer/NAME"},
		"without a key":         {certified(components.TLSArgs{Certificate: pulumi.String("a chain")}), "Ingress.TLS.Key"},
		"of the recipe":         {recipe, "remove Ingress"},
	} {
		assert.ErrorContains(t, refusal(t, wikiArgs(fronted, c.change)), c.want, name)
	}
}
