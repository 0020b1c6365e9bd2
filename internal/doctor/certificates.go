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

	"k8s.io/client-go/rest"
	"k8s.io/client-go/util/cert"
)

// soon is how long before a certificate ends it is time to renew it.
const soon = 30 * 24 * time.Hour

// certificate is one that somebody has to renew.
type certificate struct {
	whose  string
	expiry time.Time
	renew  string // what to type
}

// certificates looks at those between this machine and the API server.
func certificates(ctx context.Context, p *Patient) ([]Finding, error) {
	config := rest.CopyConfig(p.Config)
	if err := rest.LoadTLSFiles(config); err != nil {
		return nil, err
	}
	var all []certificate
	add := func(whose, renew string, pem []byte) error {
		if len(pem) == 0 {
			return nil
		}
		parsed, err := cert.ParseCertsPEM(pem)
		if err != nil {
			return fmt.Errorf("%s certificate: %w", whose, err)
		}
		all = append(all, certificate{whose, parsed[0].NotAfter, renew})
		return nil
	}
	err := errors.Join(
		add("the kubeconfig's", onTheMachine("microk8s config")+", and put what it prints into the kubeconfig", config.CertData),
		add("the authority's", onTheMachine("microk8s refresh-certs --cert ca.crt"), config.CAData),
	)
	if err != nil {
		return nil, err
	}
	served, err := serving(ctx, config)
	if err != nil && len(all) == 0 {
		return nil, err
	}
	if served != nil {
		all = append(all, certificate{"the API server's", served.NotAfter, onTheMachine("microk8s refresh-certs --cert server.crt")})
	}
	return p.expiries(all), nil
}

// serving is the certificate that the API server shows; one that has expired too.
func serving(ctx context.Context, config *rest.Config) (*x509.Certificate, error) {
	settings, err := rest.TLSConfigFor(config)
	if err != nil || settings == nil {
		return nil, err
	}
	address, err := url.Parse(config.Host)
	if err != nil {
		return nil, err
	}
	return shown(ctx, address, settings)
}

// shown is the certificate that a server shows, valid or not.
func shown(ctx context.Context, address *url.URL, settings *tls.Config) (*x509.Certificate, error) {
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

// expiries says which certificates end soon.
func (p *Patient) expiries(all []certificate) []Finding {
	var found []Finding
	first := certificate{}
	for _, c := range all {
		if first.whose == "" || c.expiry.Before(first.expiry) {
			first = c
		}
		left := c.expiry.Sub(p.Now)
		switch day := c.expiry.UTC().Format(time.DateOnly); {
		case left <= 0:
			found = append(found, Finding{
				Level: Failure, What: fmt.Sprintf("%s has expired on %s", c.whose, day), Why: "nobody can connect any more", Type: c.renew,
			})
		case left < soon:
			found = append(found, Finding{
				Level: Warning, What: fmt.Sprintf("%s expires on %s, in %s", c.whose, day, days(left)), Why: "then nobody can connect",
				Type: c.renew,
			})
		}
	}
	if len(found) > 0 {
		return found
	}
	if first.whose == "" {
		return fine("there are none on the way to the API server")
	}
	return fine("%s expires first, on %s", first.whose, first.expiry.UTC().Format(time.DateOnly))
}

// days is a time in days, as people say it.
func days(d time.Duration) string { return counted(int(d.Hours()/24), "day") }
