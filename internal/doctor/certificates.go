package doctor

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"net/url"
	"time"

	"k8s.io/apimachinery/pkg/util/duration"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/util/cert"

	"github.com/mediawiki-stack/mediawiki-stack/internal/cluster"
)

// soon is how long before its expiry a certificate should be renewed.
const soon = 30 * 24 * time.Hour

// certificate is a certificate that somebody has to renew.
type certificate struct {
	name   string
	expiry time.Time
	renew  string // command
}

// clusterCertificates checks the certificates between this machine and the API server.
func clusterCertificates(ctx context.Context, e *Environment) ([]Finding, error) {
	config := rest.CopyConfig(e.Config)
	if err := rest.LoadTLSFiles(config); err != nil {
		return nil, err
	}
	var all []certificate
	add := func(name, renew string, pem []byte) error {
		if len(pem) == 0 {
			return nil
		}
		parsed, err := cert.ParseCertsPEM(pem)
		if err != nil {
			return fmt.Errorf("%s certificate: %w", name, err)
		}
		all = append(all, certificate{name, parsed[0].NotAfter, renew})
		return nil
	}
	err := errors.Join(
		add("the kubeconfig's", cluster.PrintKubeconfig, config.CertData),
		add("the CA's", cluster.OnTheMachine("microk8s refresh-certs --cert ca.crt"), config.CAData),
	)
	if err != nil {
		return nil, err
	}
	served, err := apiServerCertificate(ctx, config)
	if err != nil && len(all) == 0 {
		return nil, err
	}
	if served != nil {
		renew := cluster.OnTheMachine("microk8s refresh-certs --cert server.crt")
		all = append(all, certificate{"the API server's", served.NotAfter, renew})
	}
	return e.expiries(all), nil
}

// apiServerCertificate returns the certificate of the API server, even if it has expired.
func apiServerCertificate(ctx context.Context, config *rest.Config) (*x509.Certificate, error) {
	settings, err := rest.TLSConfigFor(config)
	if err != nil || settings == nil {
		return nil, err
	}
	address, err := url.Parse(config.Host)
	if err != nil {
		return nil, err
	}
	return serverCertificate(ctx, address, settings)
}

// serverCertificate returns the certificate of a server, valid or not.
func serverCertificate(ctx context.Context, address *url.URL, settings *tls.Config) (*x509.Certificate, error) {
	port := address.Port()
	if port == "" {
		port = "443"
	}
	dialer := &tls.Dialer{NetDialer: &net.Dialer{Timeout: quick / 4}, Config: settings}
	connection, err := dialer.DialContext(ctx, "tcp", net.JoinHostPort(address.Hostname(), port))
	if err != nil {
		var invalid x509.CertificateInvalidError
		if errors.As(err, &invalid) {
			return invalid.Cert, nil
		}
		return nil, err
	}
	defer connection.Close() //nolint:errcheck // nothing was sent
	return connection.(*tls.Conn).ConnectionState().PeerCertificates[0], nil
}

// expiries returns which certificates have expired or expire soon.
func (e *Environment) expiries(all []certificate) []Finding {
	var found []Finding
	first := certificate{}
	for _, c := range all {
		if first.name == "" || c.expiry.Before(first.expiry) {
			first = c
		}
		left := c.expiry.Sub(e.Now)
		switch day := c.expiry.UTC().Format(time.DateOnly); {
		case left <= 0:
			found = append(found, Finding{
				Level: Failure, What: fmt.Sprintf("%s expired on %s", c.name, day), Why: "no client can connect any more", Fix: c.renew,
			})
		case left < soon:
			found = append(found, Finding{
				Level: Warning, What: fmt.Sprintf("%s expires on %s, in %s", c.name, day, duration.HumanDuration(left)),
				Why: "no client can connect after that", Fix: c.renew,
			})
		}
	}
	if len(found) > 0 {
		return found
	}
	if first.name == "" {
		return passed("none is used between this machine and the API server")
	}
	return passed("%s expires first, on %s", first.name, first.expiry.UTC().Format(time.DateOnly))
}
