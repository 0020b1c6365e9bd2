package components

import (
	"errors"
	"fmt"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/mediawiki-stack/mediawiki-stack/internal/addresses"
	"github.com/mediawiki-stack/mediawiki-stack/internal/certificates"
	"github.com/mediawiki-stack/mediawiki-stack/internal/defaults"
)

// IngressArgs describes how an ingress controller of the cluster serves the wiki. SiteURL must be https and have a DNS name.
type IngressArgs struct {
	// Enabled creates an Ingress for the host of SiteURL and for [MediaWikiStackArgs].Aliases. The Service becomes ServiceClusterIP, and
	// only Pods in Namespace can connect to the wiki. Defaults to false.
	Enabled bool `pulumi:"enabled,optional"`
	// Class is the IngressClass. Defaults to the cluster's default class.
	Class pulumi.StringInput `pulumi:"class,optional"`
	// Namespace is the namespace of the ingress controller's Pods. Defaults to any of "ingress" (microk8s), "kube-system" (k3s),
	// "ingress-nginx" and "traefik".
	Namespace string `pulumi:"namespace,optional"`
	// Annotations of the Ingress, for its controller. Defaults to none.
	Annotations map[string]string `pulumi:"annotations,optional"`
	// TLS says where the certificate comes from. Exactly one of TLS.Email, TLS.Issuer, TLS.Secret and TLS.Certificate is
	// required.
	TLS TLSArgs `pulumi:"tls,optional"`
}

// TLSArgs says where the certificate for the wiki's hosts comes from. Email and Issuer need cert-manager.
type TLSArgs struct {
	// Email is the address at which the certificate authority reaches the operator. It creates an ACME Issuer, whose HTTP-01 challenges the
	// ingress controller answers at port 80. https://cert-manager.io/docs/configuration/acme/http01/
	Email string `pulumi:"email,optional"`
	// ACMEServer is the directory of the certificate authority. Defaults to Let's Encrypt.
	ACMEServer pulumi.StringInput `pulumi:"acmeServer,optional"`
	// ACMECA is a PEM bundle of the authorities that issued the certificate of ACMEServer itself. Defaults to the usual public ones.
	ACMECA pulumi.StringInput `pulumi:"acmeCA,optional"`
	// Issuer is an issuer of cert-manager that exists: "Issuer/NAME" in the wiki's namespace, or "ClusterIssuer/NAME".
	Issuer string `pulumi:"issuer,optional"`
	// Secret is the name of a Secret of type kubernetes.io/tls in the wiki's namespace.
	Secret string `pulumi:"secret,optional"`
	// Certificate is a certificate with its chain, in PEM.
	Certificate pulumi.StringInput `pulumi:"certificate,optional"`
	// Key is the private key of Certificate, in PEM.
	Key pulumi.StringInput `pulumi:"key,optional" provider:"secret"`
}

// setIngress sets the defaults of Ingress. Its controller is in the cluster, so the Service needs no node port.
func (args *MediaWikiStackArgs) setIngress() {
	setText(&args.Ingress.TLS.ACMEServer, defaults.ACMEServer)
	if args.Ingress.Enabled && args.Service.Type == ServiceNodePort {
		args.Service.Type = ServiceClusterIP
	}
}

// controllerNamespaces are where the ingress controllers of microk8s, k3s and the usual Helm charts run.
var controllerNamespaces = []string{"ingress", "kube-system", "ingress-nginx", "traefik"}

// namespaces returns the namespaces whose Pods may connect to the wiki.
func (ingress IngressArgs) namespaces() []string {
	if ingress.Namespace != "" {
		return []string{ingress.Namespace}
	}
	return controllerNamespaces
}

// managed reports whether cert-manager obtains the certificate.
func (tls TLSArgs) managed() bool { return tls.Email != "" || tls.Issuer != "" }

// hosts returns the names that readers may type, the wiki's own first.
func (args *MediaWikiStackArgs) hosts() []string {
	return append([]string{addresses.SiteHost(args.SiteURL)}, args.Aliases...)
}

// checkHosts reports aliases without an address to redirect to, and HSTS without TLS.
func (args *MediaWikiStackArgs) checkHosts() error {
	var errs []error
	if len(args.Aliases) > 0 && args.SiteURL == "" {
		errs = append(errs, errors.New("set SiteURL: Aliases are redirected to it"))
	}
	for _, alias := range args.Aliases {
		if err := addresses.CheckHost(alias); err != nil {
			errs = append(errs, fmt.Errorf("the value %q in Aliases is not a host; set it to %w", alias, err))
		}
	}
	if args.HSTS < 0 || args.HSTS > 0 && !addresses.IsHTTPS(args.SiteURL) {
		errs = append(errs, fmt.Errorf("the value of HSTS is %d; set it to 0, or to a number of seconds if SiteURL is https", args.HSTS))
	}
	return errors.Join(errs...)
}

// checkIngress reports an Ingress that no controller could serve.
func (args *MediaWikiStackArgs) checkIngress() error {
	if !args.Ingress.Enabled {
		return nil
	}
	var errs []error
	if !addresses.IsHTTPS(args.SiteURL) || addresses.SiteHost(args.SiteURL) == "" {
		errs = append(errs, fmt.Errorf("the value of SiteURL is %q; with Ingress.Enabled set it to https:// and a DNS name", args.SiteURL))
	}
	if args.Service.Type != ServiceClusterIP || args.Service.NodePort != 0 {
		errs = append(errs, errors.New("remove Service.Type and Service.NodePort: with Ingress.Enabled the Service is a ClusterIP Service"))
	}
	if args.Database.Mode == DatabaseSidecar {
		errs = append(errs, errors.New("remove Ingress: the recipe of Database.Mode sidecar has none"))
	}
	tls, kinds := args.Ingress.TLS, 0
	for _, set := range []bool{tls.Email != "", tls.Issuer != "", tls.Secret != "", tls.Certificate != nil} {
		if set {
			kinds++
		}
	}
	if kinds != 1 {
		errs = append(errs, fmt.Errorf("%d of Ingress.TLS.Email, Issuer, Secret and Certificate are set; "+
			"set exactly one, which says where the certificate comes from", kinds))
	}
	if tls.Issuer != "" {
		if _, _, err := certificates.ParseIssuer(tls.Issuer); err != nil {
			errs = append(errs, fmt.Errorf("the value of Ingress.TLS.Issuer is %q; set it to %w", tls.Issuer, err))
		}
	}
	if (tls.Certificate == nil) != (tls.Key == nil) {
		errs = append(errs, errors.New("set both Ingress.TLS.Certificate and Ingress.TLS.Key, or neither"))
	}
	return errors.Join(errs...)
}
