package config_test

import (
	"encoding/json"
	"maps"
	"strconv"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/mediawiki-stack/mediawiki-stack/internal/certificates/selfsigned"
	"github.com/mediawiki-stack/mediawiki-stack/internal/config"
)

// fronted returns the values of a wiki behind an ingress controller, with these changes.
func fronted(changes map[string]string) *config.Raw {
	values := map[string]string{
		"siteUrl": "https://wiki.example.org", "ingress": `{"enabled":true}`, "tls": `{"email":"you@example.org"}`,
	}
	maps.Copy(values, changes)
	return raw(values)
}

func TestTwoKeysGiveAWikiAnAddressWithTLS(t *testing.T) {
	cfg, err := config.Load(projectFile(t, "Pulumi.yaml"), fronted(nil))
	require.NoError(t, err)
	assert.Equal(t, config.Ingress{Enabled: true, Annotations: []string{}, TLS: config.TLS{
		Email: "you@example.org", ACMEServer: "https://acme-v02.api.letsencrypt.org/directory",
	}}, cfg.Ingress)
}

func TestEveryKeyOfAnIngressCanBeSet(t *testing.T) {
	authority, _ := selfsigned.Issue(t, time.Now().Add(time.Hour))
	tls, err := json.Marshal(map[string]string{"email": "you@example.org", "acmeServer": "https://ca.example.org/dir", "acmeCA": authority})
	require.NoError(t, err)
	cfg, err := config.Load(projectFile(t, "Pulumi.yaml"), fronted(map[string]string{
		"aliases": `["www.example.org"]`, "hsts": "31536000", "ipFamilyPolicy": "PreferDualStack",
		"ingress": `{"enabled":true,"class":"public","namespace":"edge","annotations":["a.example.org/b=c=d"]}`, "tls": string(tls),
	}))
	require.NoError(t, err)
	args := cfg.StackArgs("")
	assert.Equal(t, map[string]string{"a.example.org/b": "c=d"}, args.Ingress.Annotations)
	assert.Equal(t, []string{"www.example.org"}, args.Aliases)
	assert.Equal(t, []string{"wiki.example.org", "www.example.org"}, cfg.Hosts())
	for _, issuer := range []string{"Issuer/ours", "ClusterIssuer/letsencrypt.staging"} {
		_, err = config.Load(projectFile(t, "Pulumi.yaml"), fronted(map[string]string{"tls": `{"issuer":"` + issuer + `"}`}))
		require.NoError(t, err)
	}
}

func TestImpossibleIngressIsRefused(t *testing.T) {
	for name, c := range map[string]struct {
		changes map[string]string
		key     string
	}{
		"without TLS":                  {map[string]string{"siteUrl": "http://wiki.example.org"}, "siteUrl"},
		"without an address":           {map[string]string{"siteUrl": ""}, "siteUrl"},
		"at an IP address":             {map[string]string{"siteUrl": "https://192.0.2.7"}, "siteUrl"},
		"at an IPv6 address":           {map[string]string{"siteUrl": "https://[2001:db8::7]"}, "siteUrl"},
		"at a load balancer":           {map[string]string{"serviceType": "LoadBalancer"}, "serviceType"},
		"at a node port":               {map[string]string{"nodePort": "30080"}, "nodePort"},
		"of a class with spaces":       {map[string]string{"ingress": `{"enabled":true,"class":"the public"}`}, "ingress.class"},
		"of a namespace with capitals": {map[string]string{"ingress": `{"enabled":true,"namespace":"Edge"}`}, "ingress.namespace"},
		"with half an annotation": {
			map[string]string{"ingress": `{"enabled":true,"annotations":["a.example.org/b"]}`}, "ingress.annotations",
		},
		"with an annotation twice": {
			map[string]string{"ingress": `{"enabled":true,"annotations":["a.example.org/b=c","a.example.org/b=d"]}`}, "ingress.annotations",
		},
		"with no kind of certificate":   {map[string]string{"tls": `{}`}, "tls"},
		"with two kinds of certificate": {map[string]string{"tls": `{"email":"you@example.org","secret":"ours"}`}, "tls.secret"},
		"with an address of nobody":     {map[string]string{"tls": `{"email":"you"}`}, "tls.email"},
		"with an authority in clear": {
			map[string]string{"tls": `{"email":"you@example.org","acmeServer":"http://ca/dir"}`}, "tls.acmeServer",
		},
		"with a bundle of nothing":      {map[string]string{"tls": `{"email":"you@example.org","acmeCA":"PEM"}`}, "tls.acmeCA"},
		"with an authority for nothing": {map[string]string{"tls": `{"secret":"ours","acmeCA":"PEM"}`}, "tls.acmeCA"},
		"with an issuer of no kind":     {map[string]string{"tls": `{"issuer":"letsencrypt"}`}, "tls.issuer"},
		"with a Secret with a path":     {map[string]string{"tls": `{"secret":"a/b"}`}, "tls.secret"},
		"with keys of no Ingress":       {map[string]string{"ingress": `{}`}, "tls.email"},
		"with an alias with a scheme":   {map[string]string{"aliases": `["https://www.example.org"]`}, "aliases"},
		"with an alias that is itself":  {map[string]string{"aliases": `["wiki.example.org"]`}, "aliases"},
		"with an alias for all":         {map[string]string{"aliases": `["*.example.org"]`}, "aliases"},
		"remembered for no time":        {map[string]string{"hsts": "-1"}, "hsts"},
		"of an unknown family":          {map[string]string{"ipFamilyPolicy": "IPv6"}, "ipFamilyPolicy"},
	} {
		t.Run(name, func(t *testing.T) {
			r := fronted(c.changes)
			_, err := config.Load(projectFile(t, "Pulumi.yaml"), r)
			var problems *config.Problems
			require.ErrorAs(t, err, &problems)
			require.Len(t, problems.List, 1, err)
			adviceIsAccepted(t, r)
			assert.Contains(t, problems.List[0].Key, c.key)
		})
	}
}

func TestHostsNeedTheAddressTheyBelongTo(t *testing.T) {
	for key, value := range map[string]string{"aliases": `["www.example.org"]`, "hsts": "60"} {
		r := raw(map[string]string{key: value})
		_, err := config.Load(projectFile(t, "Pulumi.yaml"), r)
		require.ErrorContains(t, err, "mediawiki:"+key)
		adviceIsAccepted(t, r)
	}
}

func TestGivenCertificateIsCheckedWithItsKey(t *testing.T) {
	good, key := selfsigned.Issue(t, time.Now().Add(time.Hour), "wiki.example.org", "www.example.org")
	ended, endedKey := selfsigned.Issue(t, time.Now().Add(-time.Hour), "wiki.example.org", "www.example.org")
	narrow, narrowKey := selfsigned.Issue(t, time.Now().Add(time.Hour), "wiki.example.org")
	load := func(certificate, key string) error {
		tls, err := json.Marshal(map[string]string{"certificate": certificate})
		require.NoError(t, err)
		r := fronted(map[string]string{"tls": string(tls), "aliases": `["www.example.org"]`, "tlsKey": key})
		r.Secret["mediawiki:tlsKey"] = true
		_, err = config.Load(projectFile(t, "Pulumi.yaml"), r)
		return err
	}
	require.NoError(t, load(good, key))
	for want, err := range map[string]error{
		"tlsKey is missing":                        load(good, ""),
		"private key does not match":               load(good, endedKey),
		"expired on":                               load(ended, endedKey),
		"not www.example.org":                      load(narrow, narrowKey),
		"failed to find any PEM data in key input": load(good, "canary"),
	} {
		require.ErrorContains(t, err, want)
		require.ErrorContains(t, err, "pulumi config set --secret tlsKey < key.pem")
		assert.NotContains(t, err.Error(), "canary")
	}
}

func TestInvalidSiteURLIsReportedOnce(t *testing.T) {
	certificate, key := selfsigned.Issue(t, time.Now().Add(time.Hour), "wiki.example.org")
	for site, fix := range map[string]string{
		"https://wiki.example.org/w": "pulumi config set siteUrl https://wiki.example.org",
		"https://küche.example.org":  "pulumi config set siteUrl https://xn--kche-0ra.example.org",
		"wiki.example.com":           "pulumi config set siteUrl https://wiki.example.com",
	} {
		r := fronted(map[string]string{
			"siteUrl": site, "hsts": "60", "tls": `{"certificate":` + strconv.Quote(certificate) + `}`, "tlsKey": key,
		})
		r.Secret["mediawiki:tlsKey"] = true
		_, err := config.Load(projectFile(t, "Pulumi.yaml"), r)
		var problems *config.Problems
		require.ErrorAs(t, err, &problems)
		require.Len(t, problems.List, 1, err)
		assert.Equal(t, fix, problems.List[0].Fix)
	}
}
