package doctor

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net/http"
	"net/url"

	appsv1 "k8s.io/api/apps/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/mediawiki-stack/mediawiki-stack/internal/parts"
)

// web returns the Deployment that serves readers, or nil.
func (e *Environment) web(ctx context.Context) (*appsv1.Deployment, error) {
	list, err := e.Client.AppsV1().Deployments(e.Namespace).List(ctx, metav1.ListOptions{})
	if err != nil {
		return nil, err
	}
	for i := range list.Items {
		if list.Items[i].Spec.Template.Labels["app"] == parts.Web.Of(e.Name) {
			return &list.Items[i], nil
		}
	}
	return nil, nil
}

// address returns the URL that readers use; empty if the wiki is not configured with one (the recipe).
func address(deployment *appsv1.Deployment) string {
	for _, container := range deployment.Spec.Template.Spec.Containers {
		for _, variable := range container.Env {
			if variable.Name == "MEDIAWIKI_SERVER" {
				return variable.Value
			}
		}
	}
	return ""
}

// hasIngress reports whether the wiki has an Ingress with a certificate.
func (e *Environment) hasIngress(ctx context.Context) bool {
	ingress, err := e.Client.NetworkingV1().Ingresses(e.Namespace).Get(ctx, parts.Ingress.Of(e.Name), metav1.GetOptions{})
	return err == nil && len(ingress.Spec.TLS) > 0
}

// site requests the wiki as a reader does, from this machine.
func site(ctx context.Context, e *Environment) ([]Finding, error) {
	deployment, err := e.web(ctx)
	if err != nil {
		return nil, err
	}
	if deployment == nil || address(deployment) == "" {
		return passed("the wiki is not configured with its address, so it cannot be requested"), nil
	}
	location, err := url.Parse(address(deployment))
	if err != nil {
		return nil, err
	}
	var found []Finding
	if location.Scheme == "https" && !e.hasIngress(ctx) { // otherwise "TLS certificate" checks it
		if served, err := serverCertificate(ctx, location, &tls.Config{MinVersion: tls.VersionTLS12}); err == nil {
			found = e.expiries([]certificate{{
				location.Hostname() + "'s certificate", served.NotAfter, "renew the certificate of the proxy where TLS ends",
			}})
			if found[0].Level == OK {
				found = nil
			}
		}
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, location.JoinPath("/").String(), http.NoBody)
	if err != nil {
		return nil, err
	}
	response, err := (&http.Client{Timeout: quick / 2}).Do(request)
	if unknown, untrusted := errors.AsType[x509.UnknownAuthorityError](err); untrusted && unknown.Cert != nil {
		issuer := unknown.Cert.Issuer.String()
		return append(found, Finding{
			Level: Warning, What: fmt.Sprintf("cannot be checked at %s: its certificate depends on %s, which this machine does not trust",
				location, issuer),
			Why: "browsers accept it only if they trust that authority; if it is an intermediate, its certificate is missing in the chain",
			Fix: fmt.Sprintf("SSL_CERT_FILE=authority.pem wiki -n %s doctor     (if %s is a private authority that readers trust)",
				e.Namespace, issuer),
		}), nil
	}
	if err != nil {
		return append(found, Finding{
			Level: Warning, What: fmt.Sprintf("does not answer at %s: %v", location, innermost(err)),
			Why: "readers use this address; perhaps only this machine cannot reach it",
			Fix: "pulumi config get siteUrl; curl -v " + location.String(),
		}), nil
	}
	defer response.Body.Close()
	if response.StatusCode >= http.StatusInternalServerError {
		return append(found, Finding{
			Level: Failure, What: fmt.Sprintf("answers at %s with %s", location, response.Status), Why: "readers see an error",
			Fix: e.kubectl("logs -l app=" + e.Name + "-app --tail=20"),
		}), nil
	}
	return append(found, passed("answers at %s", location)...), nil
}
