package doctor_test

import (
	"context"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	corev1 "k8s.io/api/core/v1"
	networkingv1 "k8s.io/api/networking/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/client-go/rest"

	"github.com/mediawiki-stack/mediawiki-stack/internal/certificates/selfsigned"
	"github.com/mediawiki-stack/mediawiki-stack/internal/doctor"
)

// certificatePath is where the API server has cert-manager's Certificate of the wiki.
const certificatePath = "/apis/cert-manager.io/v1/namespaces/mediawiki-test/certificates/mediawiki-ingress"

func anIngress() *networkingv1.Ingress {
	ingress := &networkingv1.Ingress{ObjectMeta: named("mediawiki-ingress")}
	ingress.Spec.TLS = []networkingv1.IngressTLS{{Hosts: []string{"wiki.example.org"}, SecretName: "mediawiki-tls"}}
	return ingress
}

// certificateUntil returns the Secret of a certificate that ends so many days after the examination.
func certificateUntil(t *testing.T, days int, host string) *corev1.Secret {
	t.Helper()
	certificate, key := selfsigned.Issue(t, noon.Add(time.Duration(days)*24*time.Hour), host)
	return &corev1.Secret{
		ObjectMeta: named("mediawiki-tls"), Data: map[string][]byte{"tls.crt": []byte(certificate), "tls.key": []byte(key)},
	}
}

func TestCertificateOfReadersIsExamined(t *testing.T) {
	const ready = `{"status":{"conditions":[{"type":"Ready","status":"True"}]}}`
	const pending = `{"status":{"conditions":[{"type":"Ready","status":"False","message":"wrong status code 404"}]}}`
	for name, c := range map[string]struct {
		objects     []runtime.Object
		certificate string // as the API server has it; empty if there is none
		level       doctor.Level
		want        string
	}{
		"no Ingress":       {nil, "", doctor.OK, "no Ingress"},
		"issued":           {[]runtime.Object{certificateUntil(t, 60, "wiki.example.org")}, ready, doctor.OK, "valid until 2027-01-24"},
		"given":            {[]runtime.Object{certificateUntil(t, 60, "wiki.example.org")}, "", doctor.OK, "valid until 2027-01-24"},
		"not issued":       {nil, pending, doctor.Failure, "wrong status code 404"},
		"not noticed":      {nil, `{}`, doctor.Failure, "cert-manager has not processed it yet"},
		"not renewed":      {[]runtime.Object{certificateUntil(t, 5, "wiki.example.org")}, ready, doctor.Warning, "expires on 2026-11-30"},
		"expired":          {[]runtime.Object{certificateUntil(t, -1, "wiki.example.org")}, "", doctor.Failure, "expired on 2026-11-24"},
		"for another host": {[]runtime.Object{certificateUntil(t, 60, "example.org")}, "", doctor.Failure, "not wiki.example.org"},
		"without a Secret": {nil, "", doctor.Failure, "Secret mediawiki-tls does not exist"},
		"issued and lost":  {nil, ready, doctor.Failure, "Secret mediawiki-tls does not exist"},
	} {
		t.Run(name, func(t *testing.T) {
			b := healthy()
			b.others = c.objects
			if name != "no Ingress" {
				class := "public"
				ingress := anIngress()
				ingress.Spec.IngressClassName = &class
				b.others = append(b.others, ingress, &networkingv1.IngressClass{ObjectMeta: metav1.ObjectMeta{Name: "public"}})
			}
			e := b.environment(t)
			answer := e.Get
			e.Get = func(ctx context.Context, path string) ([]byte, error) {
				switch {
				case path != certificatePath:
					return answer(ctx, path)
				case c.certificate == "":
					return nil, apierrors.NewNotFound(schema.GroupResource{Resource: "certificates"}, "mediawiki-ingress")
				}
				return []byte(c.certificate), nil
			}
			found := about(t, "TLS certificate", e.Examine(t.Context()))
			assert.Equal(t, c.level, found[0].Level, said(found[0]))
			assert.Contains(t, said(found[0]), c.want)
		})
	}
}

func TestNameThatLeadsNowhereIsAWarning(t *testing.T) {
	b := healthy()
	b.siteHost = "wiki.invalid"
	found := about(t, "host", b.environment(t).Examine(t.Context()))
	assert.Equal(t, doctor.Warning, found[0].Level)
	assert.Contains(t, said(found[0]), "wiki.invalid does not resolve on this machine")
	b.siteHost = "localhost"
	found = about(t, "host", b.environment(t).Examine(t.Context()))
	assert.Equal(t, doctor.OK, found[0].Level, said(found[0]))
	assert.Contains(t, found[0].What, "localhost resolves to ")
}

func TestControllerThatHidesReadersIsNamed(t *testing.T) {
	b := healthy()
	controller := readyPod("traefik", "traefik")
	controller.Namespace, controller.Status.PodIP = "ingress", "10.1.0.9"
	b.others = append(b.others, controller)
	b.siteBody = `{"query":{"userinfo":{"id":0,"name":"10.1.0.9"}}}`
	found := about(t, "reader's address", b.environment(t).Examine(t.Context()))
	assert.Equal(t, doctor.Warning, found[0].Level)
	assert.Contains(t, said(found[0]), "the wiki sees 10.1.0.9, that of Pod ingress/traefik-1")
	b.siteBody = `{"query":{"userinfo":{"id":0,"name":"198.51.100.7"}}}`
	found = about(t, "reader's address", b.environment(t).Examine(t.Context()))
	assert.Equal(t, doctor.OK, found[0].Level)
	assert.Contains(t, said(found[0]), "arrives: the wiki sees 198.51.100.7")
}

func TestAuthorityThatThisMachineDoesNotTrustIsNamed(t *testing.T) {
	server := httptest.NewTLSServer(http.NotFoundHandler())
	defer server.Close()
	server.Config.ErrorLog = log.New(io.Discard, "", 0)
	b := healthy()
	e := b.environment(t)
	b.web.Spec.Template.Spec.Containers[0].Env[0].Value = server.URL
	_, err := e.Client.AppsV1().Deployments(theNamespace).Update(t.Context(), b.web, metav1.UpdateOptions{})
	require.NoError(t, err)
	found := about(t, "site", e.Examine(t.Context()))
	require.Len(t, found, 1)
	assert.Equal(t, doctor.Warning, found[0].Level)
	assert.Contains(t, found[0].What, "depends on O=Acme Co, which this machine does not trust")
	assert.Contains(t, found[0].Fix, "SSL_CERT_FILE=authority.pem wiki -n "+theNamespace+" doctor")
}

func TestEmbeddedClusterIsKnownToEnforcePolicies(t *testing.T) {
	for host, want := range map[string]doctor.Level{"http://198.18.0.1:16443": doctor.OK, "http://192.0.2.7:16443": doctor.Warning} {
		b := healthy()
		b.alone = true // no job runner, from which the doctor could try a connection
		e := b.environment(t)
		e.Config = &rest.Config{Host: host}
		assert.Equal(t, want, about(t, "network policies", e.Examine(t.Context()))[0].Level, host)
	}
}
