package config

import (
	"cmp"
	"crypto/x509"
	"net/mail"
	"net/url"
	"slices"
	"strings"
	"time"

	"k8s.io/apimachinery/pkg/util/validation"

	"github.com/mediawiki-stack/mediawiki-stack/components"
	"github.com/mediawiki-stack/mediawiki-stack/internal/addresses"
	"github.com/mediawiki-stack/mediawiki-stack/internal/certificates"
)

// Ingress is how an ingress controller of the cluster serves the wiki.
type Ingress struct {
	Enabled     bool     `config:"ingress.enabled"`
	Class       string   `config:"ingress.class"`       // empty is the cluster's default class
	Namespace   string   `config:"ingress.namespace"`   // of the controller; empty is the component's default
	Annotations []string `config:"ingress.annotations"` // NAME=VALUE
	TLS         TLS
}

// TLS says where the certificate comes from: one of Email, Issuer, Secret and Certificate.
type TLS struct {
	Email       string `config:"tls.email"`
	ACMEServer  string `config:"tls.acmeServer"`
	ACMECA      string `config:"tls.acmeCA"`
	Issuer      string `config:"tls.issuer"`
	Secret      string `config:"tls.secret"`
	Certificate string `config:"tls.certificate"`
	Key         string `config:"tlsKey,secret"`
}

// Hosts returns the names that readers may type, the wiki's own first.
func (c *Config) Hosts() []string {
	return append([]string{addresses.SiteHost(c.SiteURL)}, c.Aliases...)
}

// hosts checks the aliases, and whether browsers can obey hsts.
func (c *checker) hosts() {
	if len(c.cfg.Aliases) > 0 && c.cfg.SiteURL == "" {
		c.report(Problem{
			Key: "aliases", Found: "set, but siteUrl is not", Want: "the address that their readers are redirected to",
			Fix: set("siteUrl", "https://wiki.example.org"),
		})
	}
	seen := map[string]bool{addresses.SiteHost(c.cfg.SiteURL): true}
	for i, alias := range c.cfg.Aliases {
		if err := addresses.CheckHost(alias); err != nil {
			c.addItem("aliases", i, alias, err.Error(), "")
		} else if seen[alias] {
			c.addItem("aliases", i, alias, "each host once, and not that of siteUrl", "")
		}
		seen[alias] = true
	}
	switch hsts := c.cfg.HSTS; {
	case hsts < 0:
		c.add("hsts", "a number of seconds, or 0", c.reset("hsts"))
	case hsts > 0 && !addresses.IsHTTPS(c.cfg.SiteURL) && !c.siteURLIsInvalid():
		c.add("hsts", "0, because siteUrl is not https: browsers could not reach the wiki", remove("hsts"))
	}
}

// ingress checks that a controller can serve the wiki, with one certificate for all its hosts.
func (c *checker) ingress() {
	in := c.cfg.Ingress
	if !in.Enabled {
		c.withoutEffect("without ingress.enabled", "ingress", "tls", "tlsKey")
		return
	}
	host := addresses.SiteHost(c.cfg.SiteURL)
	if !c.siteURLIsInvalid() && (host == "" || !addresses.IsHTTPS(c.cfg.SiteURL)) {
		c.add("siteUrl", "https:// and a DNS name, for which ingress.enabled makes an Ingress and which its certificate is for",
			set("siteUrl", "https://"+cmp.Or(host, "wiki.example.org")))
	}
	if c.cfg.Service.Type == components.ServiceLoadBalancer {
		c.add("serviceType", "no value: with ingress.enabled the Service is ClusterIP, and the controller alone is reached from outside",
			remove("serviceType"))
	}
	if c.cfg.Service.Type == components.ServiceNodePort && c.cfg.Service.NodePort != 0 {
		c.add("nodePort", "no value: with ingress.enabled the Service is ClusterIP, which has no node port", remove("nodePort"))
	}
	c.objectName("ingress.class", in.Class, "the name of an IngressClass (kubectl get ingressclass)")
	c.objectName("ingress.namespace", in.Namespace, "the namespace of the ingress controller (kubectl get pods -A)")
	seen := map[string]bool{}
	for i, annotation := range in.Annotations {
		name, _, found := strings.Cut(annotation, "=")
		if seen[name] {
			c.addItem("ingress.annotations", i, annotation, "each annotation once", "")
		}
		seen[name] = true
		if !found || len(validation.IsQualifiedName(strings.ToLower(name))) > 0 {
			c.addItem("ingress.annotations", i, annotation, "NAME=VALUE, such as nginx.ingress.kubernetes.io/limit-rps=20", "")
		}
	}
	c.tls()
}

func (c *checker) objectName(key, name, want string) {
	if name != "" && len(validation.IsDNS1123Subdomain(name)) > 0 {
		c.add(key, want, remove(key))
	}
}

// tls checks that exactly one kind of certificate is configured, and that it can work.
func (c *checker) tls() {
	tls := c.cfg.Ingress.TLS
	var kinds []string
	for _, kind := range []struct{ key, value string }{
		{"tls.email", tls.Email}, {"tls.issuer", tls.Issuer}, {"tls.secret", tls.Secret}, {"tls.certificate", tls.Certificate},
	} {
		if kind.value != "" {
			kinds = append(kinds, kind.key)
		}
	}
	if len(kinds) == 0 {
		c.report(Problem{
			Key: "tls", Found: "not set, so the Ingress has no certificate",
			Want: "tls.email for a certificate of Let's Encrypt or of tls.acmeServer, or else tls.issuer, tls.secret or tls.certificate",
			Fix:  set("tls.email", "you@example.org"),
		})
	}
	for _, key := range slices.Clip(kinds)[min(1, len(kinds)):] {
		c.report(Problem{
			Key: key, Found: "set beside " + kinds[0], Want: "one of the two: the wiki has one certificate", Fix: remove(key),
		})
	}
	if tls.Email == "" {
		c.withoutEffect("without tls.email", "tls.acmeServer", "tls.acmeCA")
	} else {
		c.acme()
	}
	if _, _, err := certificates.ParseIssuer(tls.Issuer); err != nil && tls.Issuer != "" {
		c.add("tls.issuer", err.Error(), set("tls.issuer", "ClusterIssuer/letsencrypt"))
	}
	c.objectName("tls.secret", tls.Secret, "the name of a Secret of type kubernetes.io/tls in the wiki's namespace")
	if tls.Certificate == "" {
		c.withoutEffect("without tls.certificate", "tlsKey")
	} else {
		c.certificate()
	}
}

func (c *checker) acme() {
	tls := c.cfg.Ingress.TLS
	if address, err := mail.ParseAddress(tls.Email); err != nil || address.Address != tls.Email {
		c.add("tls.email", "an e-mail address, without a name", set("tls.email", "you@example.org"))
	}
	if server, err := url.Parse(tls.ACMEServer); err != nil || server.Scheme != "https" || server.Host == "" {
		c.add("tls.acmeServer", "the https address of an ACME directory", c.reset("tls.acmeServer"))
	}
	c.authorities("tls.acmeCA", tls.ACMECA)
}

// authorities checks a setting that is empty, or has certificates of authorities.
func (c *checker) authorities(key, bundle string) {
	if bundle != "" && !x509.NewCertPool().AppendCertsFromPEM([]byte(bundle)) {
		c.report(Problem{
			Key: key, Found: "not a bundle of certificates", Want: "the certificates of authorities, in PEM", Fix: remove(key),
		})
	}
}

// certificate checks a certificate and its key. It prints neither.
func (c *checker) certificate() {
	tls := c.cfg.Ingress.TLS
	const (
		setKey         = "pulumi config set --secret tlsKey < key.pem"
		setCertificate = "pulumi config set --path tls.certificate < chain.pem"
	)
	if tls.Key == "" {
		c.report(Problem{Key: "tlsKey", Found: "missing", Want: "the private key of tls.certificate, in PEM", Fix: setKey})
		return
	}
	if addresses.SiteHost(c.cfg.SiteURL) == "" {
		return // siteUrl is reported
	}
	if err := certificates.Check([]byte(tls.Certificate), []byte(tls.Key), c.cfg.Hosts(), time.Now()); err != nil {
		c.report(Problem{
			Key: "tls.certificate", Found: "not usable: " + err.Error(),
			Want: "a valid certificate for " + strings.Join(c.cfg.Hosts(), ", ") + " with its chain, in PEM, and its key as tlsKey",
			Fix:  setCertificate + " && " + setKey,
		})
	}
}
