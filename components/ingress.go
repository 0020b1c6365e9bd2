package components

import (
	"encoding/base64"

	"github.com/pulumi/pulumi-kubernetes/sdk/v4/go/kubernetes"
	"github.com/pulumi/pulumi-kubernetes/sdk/v4/go/kubernetes/apiextensions"
	corev1 "github.com/pulumi/pulumi-kubernetes/sdk/v4/go/kubernetes/core/v1"
	networkingv1 "github.com/pulumi/pulumi-kubernetes/sdk/v4/go/kubernetes/networking/v1"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/mediawiki-stack/mediawiki-stack/internal/certificates"
	"github.com/mediawiki-stack/mediawiki-stack/internal/parts"
)

// certManager is the API version of cert-manager's objects.
const certManager = "cert-manager.io/v1"

// ingress is the part by which an ingress controller of the cluster serves the wiki: its hosts, and their certificate.
type ingress struct {
	pulumi.ResourceState

	certificate pulumi.StringOutput   // name of cert-manager's Certificate; empty if there is none
	secret      pulumi.StringPtrInput // name of the Secret with the certificate; nil without Ingress.Enabled
}

// newIngress creates the part, and the objects that provide the certificate. These do not depend on the migration, so the certificate is
// requested while the migration runs. Without Ingress.Enabled, nothing is created.
func newIngress(ctx *pulumi.Context, w *wiki) (*ingress, error) {
	i := &ingress{certificate: pulumi.String("").ToStringOutput()}
	if !w.args.Ingress.Enabled {
		return i, nil
	}
	if err := w.register(ctx, parts.Ingress, i); err != nil {
		return nil, err
	}
	var err error
	i.secret, err = i.tlsSecret(ctx, w)
	return i, err
}

// serve completes the part with the Ingress, which is created after the migration, like everything that readers reach.
func (i *ingress) serve(ctx *pulumi.Context, w *wiki, web *web, migration *migration) error {
	if !w.args.Ingress.Enabled {
		return nil
	}
	var class pulumi.StringPtrInput
	if w.args.Ingress.Class != nil {
		class = stringPtr(w.args.Ingress.Class)
	}
	hosts := w.args.hosts()
	rules := make(networkingv1.IngressRuleArray, len(hosts))
	for j, host := range hosts {
		rules[j] = networkingv1.IngressRuleArgs{Host: pulumi.String(host), Http: toService(web.front, w.args.Service.Port)}
	}
	name := parts.Ingress.Of(w.name)
	// The provider must not wait for an address in the Ingress's status: a controller at host ports reports none.
	metadata := w.stableMetadata(name, skipAwait(), controllerAnnotations, pulumi.ToStringMap(w.args.Ingress.Annotations))
	if _, err := networkingv1.NewIngress(ctx, name, &networkingv1.IngressArgs{
		Metadata: metadata,
		Spec: &networkingv1.IngressSpecArgs{
			IngressClassName: class,
			Rules:            rules,
			Tls: networkingv1.IngressTLSArray{
				networkingv1.IngressTLSArgs{Hosts: pulumi.ToStringArray(hosts), SecretName: i.secret},
			},
		},
	}, w.childOf(i, migration.first())...); err != nil {
		return err
	}
	return ctx.RegisterResourceOutputs(i, pulumi.Map{})
}

// controllerAnnotations are for ingress-nginx, which by default refuses bodies of more than 1 MB, and responses that begin after a minute.
// The wiki has limits of its own. Traefik's limits are settings of its entry points, which an Ingress cannot change.
var controllerAnnotations = pulumi.StringMap{
	"nginx.ingress.kubernetes.io/proxy-body-size":    pulumi.String("0"),
	"nginx.ingress.kubernetes.io/proxy-read-timeout": pulumi.String("180"),
}

// toService leads all paths to the wiki.
func toService(front *frontService, port pulumi.IntInput) *networkingv1.HTTPIngressRuleValueArgs {
	return &networkingv1.HTTPIngressRuleValueArgs{Paths: networkingv1.HTTPIngressPathArray{networkingv1.HTTPIngressPathArgs{
		Path: pulumi.String("/"), PathType: pulumi.String("Prefix"),
		Backend: networkingv1.IngressBackendArgs{Service: &networkingv1.IngressServiceBackendArgs{
			Name: front.name, Port: &networkingv1.ServiceBackendPortArgs{Number: port.ToIntOutput().ToIntPtrOutput()},
		}},
	}}}
}

// tlsSecret returns the name of the Secret with the certificate, and creates what fills it.
func (i *ingress) tlsSecret(ctx *pulumi.Context, w *wiki) (pulumi.StringPtrInput, error) {
	tls, child := w.args.Ingress.TLS, w.childOf(i)
	switch {
	case tls.Secret != "":
		return pulumi.String(tls.Secret), nil
	case tls.managed():
		return pulumi.String(parts.TLSSecret(w.name)), i.request(ctx, w)
	}
	secret, err := corev1.NewSecret(ctx, parts.Ingress.Of(w.name), &corev1.SecretArgs{
		Metadata: w.metadata(), Type: pulumi.String("kubernetes.io/tls"),
		StringData: pulumi.StringMap{"tls.crt": tls.Certificate, "tls.key": pulumi.ToSecret(tls.Key).(pulumi.StringOutput)},
	}, child...)
	if err != nil {
		return nil, err
	}
	return nameOf(secret, secret.Metadata).ToStringPtrOutput(), nil
}

// mountCertificate mounts the certificate without its key, for the metric of its expiry. The Pod starts without it if cert-manager has not
// obtained it yet, and sees a renewed one within two minutes. A change of TLS.Certificate creates a new Secret and replaces the Pods.
func (i *ingress) mountCertificate(p *pod, c *container) {
	if i.secret == nil {
		return
	}
	p.volumes = append(p.volumes, corev1.VolumeArgs{Name: pulumi.String("certificate"), Secret: &corev1.SecretVolumeSourceArgs{
		SecretName: i.secret, Optional: pulumi.Bool(true), DefaultMode: pulumi.Int(0o444),
		Items: corev1.KeyToPathArray{corev1.KeyToPathArgs{Key: pulumi.String("tls.crt"), Path: pulumi.String("tls.crt")}},
	}})
	c.mounts = append(c.mounts, mount("certificate", "/etc/mediawiki-certificate", ""))
}

// request makes cert-manager obtain a certificate and renew it. The Secrets that cert-manager writes remain as long as the namespace does,
// so that a wiki that is created again needs no new certificate: authorities limit how many they issue.
func (i *ingress) request(ctx *pulumi.Context, w *wiki) error {
	tls, name, child := w.args.Ingress.TLS, parts.Ingress.Of(w.name), w.childOf(i)
	issuer := pulumi.StringMap{"group": pulumi.String("cert-manager.io"), "kind": pulumi.String("Issuer"), "name": pulumi.String(name)}
	if tls.Issuer != "" {
		kind, existing, err := certificates.ParseIssuer(tls.Issuer)
		if err != nil {
			return err
		}
		issuer["kind"], issuer["name"] = pulumi.String(kind), pulumi.String(existing)
	} else if _, err := apiextensions.NewCustomResource(ctx, name, &apiextensions.CustomResourceArgs{
		ApiVersion: pulumi.String(certManager), Kind: pulumi.String("Issuer"), Metadata: w.stableMetadata(name, skipAwait()),
		OtherFields: kubernetes.UntypedArgs{"spec": pulumi.Map{"acme": acme(w)}},
	}, child...); err != nil {
		return err
	}
	certificate, err := apiextensions.NewCustomResource(ctx, name, &apiextensions.CustomResourceArgs{
		ApiVersion: pulumi.String(certManager), Kind: pulumi.String("Certificate"), Metadata: w.stableMetadata(name, skipAwait()),
		OtherFields: kubernetes.UntypedArgs{"spec": pulumi.Map{
			"secretName": pulumi.String(parts.TLSSecret(w.name)),
			"dnsNames":   pulumi.ToStringArray(w.args.hosts()),
			"issuerRef":  issuer,
		}},
	}, child...)
	if err != nil {
		return err
	}
	i.certificate = certificate.ID().ApplyT(func(pulumi.ID) string { return name }).(pulumi.StringOutput) // when it exists
	return nil
}

// acme returns the settings of an issuer that proves to an authority that the wiki's hosts lead here.
func acme(w *wiki) pulumi.Map {
	tls := w.args.Ingress.TLS
	// The usual type, NodePort, would open a port on every node.
	solver := pulumi.Map{"serviceType": pulumi.String("ClusterIP")}
	if w.args.Ingress.Class != nil {
		solver["ingressClassName"] = w.args.Ingress.Class
	}
	settings := pulumi.Map{
		"email":               pulumi.String(tls.Email),
		"server":              tls.ACMEServer,
		"privateKeySecretRef": pulumi.StringMap{"name": pulumi.String(parts.ACMEAccount(w.name))},
		"solvers":             pulumi.Array{pulumi.Map{"http01": pulumi.Map{"ingress": solver}}},
	}
	if tls.ACMECA != nil {
		settings["caBundle"] = tls.ACMECA.ToStringOutput().ApplyT(func(bundle string) string {
			return base64.StdEncoding.EncodeToString([]byte(bundle))
		})
	}
	return settings
}
