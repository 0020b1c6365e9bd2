// Package tlsproxy is a proxy that terminates TLS in front of a wiki, as an ingress controller does. Its certificate is issued by its own
// authority.
package tlsproxy

import (
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"encoding/base64"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httputil"
	"net/url"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/mediawiki-stack/mediawiki-stack/tests/internal/authority"
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
	issuer := authority.New(t)
	p := &Proxy{URL: "https://" + listener.Addr().String(), Authorities: issuer.Pool()}
	p.SetBackend("127.0.0.1:9") // nothing listens there
	hash := sha256.Sum256(issuer.Certificate.RawSubjectPublicKeyInfo)
	p.Pin = base64.StdEncoding.EncodeToString(hash[:])
	server := &http.Server{
		ReadHeaderTimeout: time.Minute, ErrorLog: log.New(io.Discard, "", 0), TLSConfig: &tls.Config{
			Certificates: []tls.Certificate{issuer.Issue(t, "127.0.0.1")}, MinVersion: tls.VersionTLS12,
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
