package doctor

import (
	"context"
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"strings"
	"time"

	corev1 "k8s.io/api/core/v1"
	networkingv1 "k8s.io/api/networking/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/duration"

	"github.com/mediawiki-stack/mediawiki-stack/internal/certificates"
	"github.com/mediawiki-stack/mediawiki-stack/internal/parts"
)

// unrenewed is how long before its expiry a certificate for readers should have been renewed. cert-manager renews it when a third of its
// life is left: one month of the three that a certificate of Let's Encrypt is valid.
const unrenewed = 14 * 24 * time.Hour

// location returns the address that readers use, or nil if the wiki is not configured with one.
func (e *Environment) location(ctx context.Context) (*url.URL, error) {
	deployment, err := e.web(ctx)
	if err != nil || deployment == nil || address(deployment) == "" {
		return nil, err
	}
	return url.Parse(address(deployment))
}

// host checks whether the name that readers type resolves on this machine, and which address answers.
func host(ctx context.Context, e *Environment) ([]Finding, error) {
	location, err := e.location(ctx)
	if err != nil {
		return nil, err
	}
	switch {
	case location == nil:
		return passed("the wiki is not configured with its address"), nil
	case net.ParseIP(location.Hostname()) != nil:
		return passed("readers type an IP address, which needs no DNS"), nil
	case strings.HasSuffix(location.Hostname(), ".cluster.local"):
		return passed("%s is a name for Pods alone", location.Hostname()), nil
	}
	name := location.Hostname()
	found, err := net.DefaultResolver.LookupHost(ctx, name)
	if err != nil {
		return []Finding{{
			Level: Warning, What: fmt.Sprintf("%s does not resolve on this machine: %v", name, innermost(err)),
			Why: "readers find the wiki by this name, and an authority proves it before it issues a certificate; perhaps only this " +
				"machine's resolver does not know it",
			Fix: "add a DNS record of " + name + " for the address of a node or load balancer; getent hosts " + name + " shows it",
		}}, nil
	}
	port := location.Port()
	if port == "" {
		port = location.Scheme // a name that Dial knows
	}
	connection, err := (&net.Dialer{Timeout: quick / 4}).DialContext(ctx, "tcp", net.JoinHostPort(name, port))
	if err != nil {
		return passed("%s resolves to %s", name, strings.Join(found, ", ")), nil // "site" reports that nothing answers
	}
	defer connection.Close() //nolint:errcheck // nothing was sent
	return passed("%s resolves to %s; %s answers", name, strings.Join(found, ", "), connection.RemoteAddr()), nil
}

// tlsCertificate checks the certificate of the wiki's Ingress.
func tlsCertificate(ctx context.Context, e *Environment) ([]Finding, error) {
	name := parts.Ingress.Of(e.Name)
	ingress, err := e.Client.NetworkingV1().Ingresses(e.Namespace).Get(ctx, name, metav1.GetOptions{})
	if apierrors.IsNotFound(err) || err == nil && len(ingress.Spec.TLS) == 0 {
		return passed("the wiki has no Ingress with a certificate"), nil
	}
	if err != nil {
		return nil, err
	}
	show := e.kubectl("describe certificate,certificaterequest,order,challenge")
	reason, managed, err := e.unissued(ctx, name)
	if err != nil {
		return nil, err
	}
	const why = "browsers warn of the ingress controller's own certificate, and most readers turn away"
	if reason != "" {
		return []Finding{{Level: Failure, What: "is not issued: " + reason, Why: why, Fix: show}}, nil
	}
	if !managed {
		show = "renew the certificate in Secret " + ingress.Spec.TLS[0].SecretName + ", which tls.secret names"
		if strings.HasPrefix(ingress.Spec.TLS[0].SecretName, name+"-") { // it is the stack's
			show = "pulumi config set --path tls.certificate < chain.pem && pulumi config set --secret tlsKey < key.pem && pulumi up"
		}
	}
	return e.storedCertificate(ctx, ingress.Spec.TLS[0], why, show)
}

// storedCertificate checks the certificate in the Secret of an Ingress.
func (e *Environment) storedCertificate(ctx context.Context, tls networkingv1.IngressTLS, why, fix string) ([]Finding, error) {
	secret, err := e.Client.CoreV1().Secrets(e.Namespace).Get(ctx, tls.SecretName, metav1.GetOptions{})
	if apierrors.IsNotFound(err) {
		return []Finding{{Level: Failure, What: "Secret " + tls.SecretName + " does not exist", Why: why, Fix: fix}}, nil
	}
	if err != nil {
		return nil, err
	}
	data := secret.Data
	if err := certificates.Check(data[corev1.TLSCertKey], data[corev1.TLSPrivateKeyKey], tls.Hosts, e.Now); err != nil {
		what := "in Secret " + tls.SecretName + " cannot be used: " + err.Error()
		return []Finding{{Level: Failure, What: what, Why: why, Fix: fix}}, nil //nolint:nilerr // the error is the finding
	}
	end, err := certificates.End(data[corev1.TLSCertKey])
	if err != nil {
		return nil, err
	}
	day, left := end.UTC().Format(time.DateOnly), end.Sub(e.Now)
	if left < unrenewed {
		return []Finding{{
			Level: Warning, Why: why, Fix: fix,
			What: fmt.Sprintf("expires on %s, in %s, and is not renewed", day, duration.HumanDuration(left)),
		}}, nil
	}
	return passed("for %s is valid until %s", strings.Join(tls.Hosts, ", "), day), nil
}

// unissued returns why cert-manager has not issued the certificate, and whether it is to issue one.
func (e *Environment) unissued(ctx context.Context, name string) (reason string, managed bool, err error) {
	answer, err := e.Get(ctx, "/apis/cert-manager.io/v1/namespaces/"+e.Namespace+"/certificates/"+name)
	if apierrors.IsNotFound(err) {
		return "", false, nil
	}
	var certificate struct {
		Status struct{ Conditions []metav1.Condition }
	}
	if err == nil {
		err = json.Unmarshal(answer, &certificate)
	}
	if err != nil {
		return "", false, err
	}
	reason = "cert-manager has not processed it yet"
	for _, condition := range certificate.Status.Conditions {
		switch {
		case condition.Type == "Ready" && condition.Status == metav1.ConditionTrue:
			return "", true, nil
		case condition.Type == "Ready" || condition.Type == "Issuing" && condition.Status == metav1.ConditionFalse:
			reason = condition.Message
		}
	}
	return reason, true, nil
}

// readerAddress checks whether the wiki sees a reader's own address, and not that of a Pod such as the ingress controller's.
func readerAddress(ctx context.Context, e *Environment) ([]Finding, error) {
	location, err := e.location(ctx)
	if err != nil {
		return nil, err
	}
	if location == nil {
		return passed("the wiki is not configured with its address"), nil
	}
	seen := anonymousName(ctx, location)
	if net.ParseIP(seen) == nil {
		return passed("the wiki does not tell this machine which address it sees"), nil
	}
	pods, err := e.Client.CoreV1().Pods(metav1.NamespaceAll).List(ctx, metav1.ListOptions{})
	if err != nil {
		return nil, err
	}
	for i := range pods.Items {
		if pod := &pods.Items[i]; pod.Status.PodIP == seen && !pod.Spec.HostNetwork {
			return []Finding{{
				Level: Warning, What: fmt.Sprintf("does not arrive: the wiki sees %s, that of Pod %s/%s", seen, pod.Namespace, pod.Name),
				Why: "all readers have the same address: blocking one blocks all, and a limit for one is a limit for all",
				Fix: "pulumi config set --path 'trustedProxies[0]' " + seen +
					"     (better the range of the proxy's addresses), or set ingress.enabled",
			}}, nil
		}
	}
	return passed("arrives: the wiki sees %s for this machine", seen), nil
}

// anonymousName returns the name that MediaWiki has for a reader without a session, which is an address, or "" if it does not tell.
func anonymousName(ctx context.Context, location *url.URL) string {
	api := location.JoinPath("/api.php").String() + "?action=query&meta=userinfo&format=json&formatversion=2"
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, api, http.NoBody)
	if err != nil {
		return ""
	}
	response, err := (&http.Client{Timeout: quick / 2}).Do(request)
	if err != nil {
		return "" // "site" reports it
	}
	defer response.Body.Close()
	var answer struct {
		Query struct {
			UserInfo struct{ Name string }
		}
	}
	if json.NewDecoder(response.Body).Decode(&answer) != nil {
		return ""
	}
	return answer.Query.UserInfo.Name
}
