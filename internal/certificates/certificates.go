// Package certificates checks whether a server can use a certificate, and knows how cert-manager's issuers are named in settings.
package certificates

import (
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/mediawiki-stack/mediawiki-stack/internal/addresses"
)

// End returns when the first certificate in a PEM file expires.
func End(certificate []byte) (time.Time, error) {
	block, _ := pem.Decode(certificate)
	if block == nil {
		return time.Time{}, errors.New("no certificate in PEM")
	}
	leaf, err := x509.ParseCertificate(block.Bytes)
	if err != nil {
		return time.Time{}, err
	}
	return leaf.NotAfter, nil
}

// Check returns why readers of these hosts would not accept a certificate with its key, both in PEM. The error contains nothing of the key.
func Check(certificate, key []byte, hosts []string, now time.Time) error {
	pair, err := tls.X509KeyPair(certificate, key)
	if err != nil {
		return mismatch(err, certificate, key)
	}
	leaf, err := x509.ParseCertificate(pair.Certificate[0])
	if err != nil {
		return err
	}
	switch {
	case now.After(leaf.NotAfter):
		return fmt.Errorf("the certificate expired on %s", leaf.NotAfter.UTC().Format(time.DateOnly))
	case now.Before(leaf.NotBefore):
		return fmt.Errorf("the certificate is not valid before %s", leaf.NotBefore.UTC().Format(time.DateOnly))
	}
	var wrong []string
	for _, host := range hosts {
		if err := leaf.VerifyHostname(host); err != nil {
			wrong = append(wrong, strings.TrimPrefix(err.Error(), "x509: "))
		}
	}
	if len(wrong) > 0 {
		return errors.New(strings.Join(wrong, "; "))
	}
	return nil
}

// mismatch returns why a certificate and a key cannot be used together: err, unless the key is encrypted or the chain is in another order.
func mismatch(err error, certificate, key []byte) error {
	block, _ := pem.Decode(key)
	if block != nil && (block.Type == "ENCRYPTED PRIVATE KEY" || strings.Contains(block.Headers["Proc-Type"], "ENCRYPTED")) {
		return errors.New("the key is encrypted (openssl pkey -in key.pem -out decrypted.pem decrypts it)")
	}
	for place := 1; ; place++ {
		block, certificate = pem.Decode(certificate)
		if block == nil {
			return err
		}
		if _, wrong := tls.X509KeyPair(pem.EncodeToMemory(block), key); wrong == nil {
			return fmt.Errorf("the key belongs to certificate %d of the file: put that one first, before those of its authorities", place)
		}
	}
}

// ParseIssuer returns the kind and the name of an issuer of cert-manager, "Issuer/NAME" or "ClusterIssuer/NAME". The error says what it
// looks like.
func ParseIssuer(text string) (kind, name string, err error) {
	kind, name, _ = strings.Cut(text, "/")
	if kind != "Issuer" && kind != "ClusterIssuer" || addresses.CheckHost(name) != nil {
		return "", "", errors.New("Issuer/NAME or ClusterIssuer/NAME")
	}
	return kind, name, nil
}
