// Package tlsproxy is a proxy that terminates TLS in front of a wiki, as an ingress controller does. Its certificate is issued by its own
// authority.
package tlsproxy

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/base64"
	"io"
	"log"
	"math/big"
	"net"
	"net/http"
	"net/http/httputil"
	"net/url"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// Proxy forwards requests to the wiki, with headers for the reader's address and the use of TLS.
type Proxy struct {
	// URL is the address for readers.
	URL string
	// Authorities contains the authority that readers must trust.
	Authorities *x509.CertPool
	// Pin is the hash of the authority's public key, which a browser can be told to trust.
	Pin string

	backend atomic.Pointer[url.URL]
}

// Open starts a proxy on the loopback interface until the test ends. It responds with 502 until SetBackend is called.
func Open(t *testing.T) *Proxy {
	t.Helper()
	listener, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	require.NoError(t, err)
	p := &Proxy{URL: "https://" + listener.Addr().String(), Authorities: x509.NewCertPool()}
	p.SetBackend("127.0.0.1:9") // nothing listens there
	certificate, authority := issue(t)
	p.Authorities.AddCert(authority)
	hash := sha256.Sum256(authority.RawSubjectPublicKeyInfo)
	p.Pin = base64.StdEncoding.EncodeToString(hash[:])
	server := &http.Server{
		ReadHeaderTimeout: time.Minute, ErrorLog: log.New(io.Discard, "", 0), TLSConfig: &tls.Config{
			Certificates: []tls.Certificate{certificate}, MinVersion: tls.VersionTLS12,
		},
		Handler: &httputil.ReverseProxy{
			Rewrite: p.rewrite, FlushInterval: -1,
			// The client prints the reason.
			ErrorHandler: func(w http.ResponseWriter, _ *http.Request, err error) {
				http.Error(w, err.Error(), http.StatusBadGateway)
			},
			// Each request may reach another Pod.
			Transport: &http.Transport{DisableKeepAlives: true, DisableCompression: true},
		},
	}
	ended := make(chan error, 1)
	go func() { ended <- server.ServeTLS(listener, "", "") }()
	t.Cleanup(func() {
		require.NoError(t, server.Close())
		require.ErrorIs(t, <-ended, http.ErrServerClosed)
	})
	return p
}

// SetBackend sets the wiki's HOST:PORT.
func (p *Proxy) SetBackend(address string) { p.backend.Store(&url.URL{Scheme: "http", Host: address}) }

// rewrite appends the reader's address to the request's X-Forwarded-For header.
func (p *Proxy) rewrite(r *httputil.ProxyRequest) {
	r.SetURL(p.backend.Load())
	r.Out.Host = r.In.Host
	r.Out.Header["X-Forwarded-For"] = r.In.Header["X-Forwarded-For"]
	r.SetXForwarded()
}

// issue creates an authority, and a certificate of it for the loopback address.
func issue(t *testing.T) (tls.Certificate, *x509.Certificate) {
	t.Helper()
	now := time.Now()
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "Authority of a test"}, NotBefore: now.Add(-time.Hour),
		NotAfter: now.AddDate(1, 0, 0), IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign,
	}
	authorityKey := newKey(t)
	der, err := x509.CreateCertificate(rand.Reader, template, template, authorityKey.Public(), authorityKey)
	require.NoError(t, err)
	authority, err := x509.ParseCertificate(der)
	require.NoError(t, err)
	key := newKey(t)
	leaf, err := x509.CreateCertificate(rand.Reader, &x509.Certificate{
		SerialNumber: big.NewInt(2), Subject: pkix.Name{CommonName: "Wiki of a test"}, NotBefore: template.NotBefore,
		NotAfter: template.NotAfter, IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}, KeyUsage: x509.KeyUsageDigitalSignature,
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
	}, authority, key.Public(), authorityKey)
	require.NoError(t, err)
	return tls.Certificate{Certificate: [][]byte{leaf, der}, PrivateKey: key}, authority
}

func newKey(t *testing.T) *ecdsa.PrivateKey {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	require.NoError(t, err)
	return key
}
