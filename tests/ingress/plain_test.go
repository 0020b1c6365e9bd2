package ingress

import (
	"bytes"
	"context"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"net/http"
	"testing"
	"text/template"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/mediawiki-stack/mediawiki-stack/tests/internal/await"
	"github.com/mediawiki-stack/mediawiki-stack/tests/internal/kube"
	"github.com/mediawiki-stack/mediawiki-stack/tests/internal/pebble"
)

const (
	plainHost = "plain.test"
	// plainValidity is the life of a certificate. cert-manager renews it when two thirds have passed, which takes up to a minute.
	plainValidity = 4 * time.Minute
)

// plain is a server behind the ingress controller.
type plain struct {
	*door
	roots *x509.CertPool
}

// TestIngressWithACertificate tests what the cluster promises, with a plain server instead of a wiki.
func TestIngressWithACertificate(t *testing.T) {
	p := &plain{door: openDoor(t)}
	server := pebble.Start(t, plainValidity)
	p.roots = server.Roots(t)
	kube.Open(t, "plain").Temporary(t)
	defer explain(t, "plain")
	text, err := template.ParseFiles("testdata/plain.yaml")
	require.NoError(t, err)
	var manifests bytes.Buffer
	require.NoError(t, text.Execute(&manifests, map[string]string{
		"Directory": server.Directory, "CA": base64.StdEncoding.EncodeToString(server.CA),
	}))
	begun := time.Now()
	kubectl(t, manifests.String(), "apply", "-f", "-")
	require.True(t, t.Run("an ACME server issues the certificate", func(t *testing.T) {
		p.awaitServed(t)
		t.Logf("served with its certificate after %s", time.Since(begun).Round(time.Second))
	}))
	t.Run("each node serves it, with HTTP/2", p.eachNodeServes)
	t.Run("the server learns each reader's address, which cannot be forged", p.addressesArrive)
	t.Run("none but requests in flight fail while the controller is restarted, node by node", p.controllerIsRestarted)
	t.Run("the certificate is renewed, and no request fails meanwhile", p.isRenewed)
}

// page is what the server says about a request.
type page struct {
	For, Proto string
	Bytes      int
}

func (p *plain) get(t *testing.T, client *http.Client, address string, header http.Header) (*answer, page) {
	t.Helper()
	a, err := get(t.Context(), client, address, header)
	require.NoError(t, err)
	require.NoError(t, a.ok())
	var said page
	require.NoError(t, json.Unmarshal([]byte(a.body), &said), a.body)
	return a, said
}

// awaitServed waits until the controller on each node has the certificate: each learns of it by itself.
func (p *plain) awaitServed(t *testing.T) {
	t.Helper()
	for _, node := range p.nodes {
		client := p.only(node).client(p.roots, "")
		await.Success(t, node+" serves it with a certificate", func() error {
			a, err := get(t.Context(), client, "https://"+plainHost, nil)
			if err != nil {
				return err
			}
			return a.ok()
		})
	}
}

func (p *plain) eachNodeServes(t *testing.T) {
	for _, node := range p.nodes {
		only := p.only(node)
		a, said := p.get(t, only.client(p.roots, ""), "https://"+plainHost, nil)
		assert.Equal(t, 2, a.ProtoMajor, node)
		assert.Equal(t, "https", said.Proto, node)
		_, said = p.get(t, only.client(p.roots, ""), "http://"+plainHost, nil)
		assert.Equal(t, "http", said.Proto, node)
	}
}

func (p *plain) addressesArrive(t *testing.T) {
	own, second := p.secondAddress(t)
	forged := http.Header{"X-Forwarded-For": {"203.0.113.9"}, "X-Real-Ip": {"203.0.113.9"}}
	for _, from := range []string{own, second} {
		for _, header := range []http.Header{{}, forged} {
			_, said := p.get(t, p.client(p.roots, from), "https://"+plainHost, header)
			assert.Equal(t, from, said.For, header)
		}
	}
}

// isRenewed requests a page on a new connection every 100 ms until another certificate is served.
func (p *plain) isRenewed(t *testing.T) {
	serial := func() (string, error) {
		client := p.client(p.roots, "")
		defer client.CloseIdleConnections()
		a, err := get(t.Context(), client, "https://"+plainHost, nil)
		if err != nil {
			return "", err
		}
		return a.TLS.PeerCertificates[0].SerialNumber.String(), a.ok()
	}
	first, err := serial()
	require.NoError(t, err)
	begun, requests := time.Now(), 0
	for now := first; now == first; requests++ {
		require.Less(t, time.Since(begun), 2*plainValidity, "the certificate has not been renewed")
		time.Sleep(100 * time.Millisecond) // a rate, not a wait
		now, err = serial()
		require.NoError(t, err, "request %d", requests)
	}
	t.Logf("renewed after %s and %d requests", time.Since(begun).Round(time.Second), requests)
}

func (p *plain) controllerIsRestarted(t *testing.T) {
	l := p.startLoad(t, p.roots, "https://"+plainHost)
	p.restart(t)
	l.end(t, len(p.nodes)) // one for each controller, at most
}

// load requests an address on a new connection every 50 ms, and records what went wrong.
type load struct {
	stop   context.CancelFunc
	ended  chan struct{}
	served int
	failed []error
}

func (d *door) startLoad(t *testing.T, roots *x509.CertPool, address string) *load {
	t.Helper()
	ctx, stop := context.WithCancel(t.Context())
	l := &load{stop: stop, ended: make(chan struct{})}
	answers := make(chan error)
	go func() {
		every := time.NewTicker(50 * time.Millisecond)
		defer every.Stop()
		running := 0
		for ctx.Err() == nil || running > 0 {
			select {
			case <-every.C:
				if ctx.Err() != nil {
					continue
				}
				running++
				go func() { answers <- d.request(context.WithoutCancel(ctx), roots, address) }()
			case err := <-answers:
				running--
				if err == nil {
					l.served++
				} else {
					l.failed = append(l.failed, err)
				}
			}
		}
		close(l.ended)
	}()
	t.Cleanup(stop)
	return l
}

// request is one reader's first request.
func (d *door) request(ctx context.Context, roots *x509.CertPool, address string) error {
	client := &http.Client{Transport: &http.Transport{DialContext: d.dial(""), DialTLSContext: d.dialTLS(roots), DisableKeepAlives: true}}
	a, err := get(ctx, client, address, nil)
	if err != nil {
		return err
	}
	return a.ok()
}

// end stops the load and fails the test if more requests failed than were in flight when controllers ended.
func (l *load) end(t *testing.T, inFlight int) {
	t.Helper()
	l.stop()
	<-l.ended
	t.Logf("%d requests were served; failures: %v", l.served, l.failed)
	assert.Positive(t, l.served)
	assert.LessOrEqual(t, len(l.failed), inFlight)
}
