package certificates_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/mediawiki-stack/mediawiki-stack/internal/certificates"
	"github.com/mediawiki-stack/mediawiki-stack/internal/certificates/selfsigned"
)

func TestCertificateThatReadersWouldNotAcceptIsExplained(t *testing.T) {
	end := time.Date(2027, 1, 31, 12, 0, 0, 0, time.UTC)
	certificate, key := selfsigned.Issue(t, end, "wiki.example.org", "www.example.org")
	authority, other := selfsigned.Issue(t, end, "wiki.example.org")
	encrypted := "-----BEGIN ENCRYPTED PRIVATE KEY-----\nY2FuYXJ5\n-----END ENCRYPTED PRIVATE KEY-----\n"
	check := func(certificate, key string, now time.Time, hosts ...string) error {
		return certificates.Check([]byte(certificate), []byte(key), hosts, now)
	}
	require.NoError(t, check(certificate, key, end.Add(-time.Hour), "wiki.example.org", "www.example.org"))
	for want, err := range map[string]error{
		"valid for wiki.example.org, www.example.org, not example.org": check(certificate, key, end.Add(-time.Hour), "example.org"),
		"expired on 2027-01-31":               check(certificate, key, end.Add(time.Hour), "wiki.example.org"),
		"not valid before 2026-11-02":         check(certificate, key, end.AddDate(-1, 0, 0), "wiki.example.org"),
		"private key does not match":          check(certificate, other, end.Add(-time.Hour), "wiki.example.org"),
		"the key is encrypted":                check(certificate, encrypted, end.Add(-time.Hour), "wiki.example.org"),
		"belongs to certificate 2":            check(authority+certificate, key, end.Add(-time.Hour), "wiki.example.org"),
		"not a.example.org; certificate is":   check(certificate, key, end.Add(-time.Hour), "a.example.org", "b.example.org"),
		"failed to find any PEM data in cert": check("a chain", key, end, "wiki.example.org"),
		"failed to find any PEM data in key":  check(certificate, "canary", end, "wiki.example.org"),
	} {
		require.ErrorContains(t, err, want)
		assert.NotContains(t, err.Error(), "canary")
	}
}
