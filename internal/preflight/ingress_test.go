package preflight_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	corev1 "k8s.io/api/core/v1"
	networkingv1 "k8s.io/api/networking/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/client-go/dynamic/fake"
	"k8s.io/client-go/kubernetes/scheme"
	clienttesting "k8s.io/client-go/testing"

	"github.com/mediawiki-stack/mediawiki-stack/internal/certificates/selfsigned"
	"github.com/mediawiki-stack/mediawiki-stack/internal/preflight"
)

func ingressClass(name string, isDefault bool) *networkingv1.IngressClass {
	class := &networkingv1.IngressClass{ObjectMeta: metav1.ObjectMeta{Name: name}}
	if isDefault {
		class.Annotations = map[string]string{networkingv1.AnnotationIsDefaultIngressClass: "true"}
	}
	return class
}

func ingressFor(namespace, name, host string) *networkingv1.Ingress {
	return &networkingv1.Ingress{
		ObjectMeta: metav1.ObjectMeta{Namespace: namespace, Name: name, Labels: labelsOf(thisStack.Label)},
		Spec:       networkingv1.IngressSpec{Rules: []networkingv1.IngressRule{{Host: host}}},
	}
}

func solverFor(host string) *networkingv1.Ingress {
	solver := ingressFor(thisNamespace, "cm-acme-http-solver-x", host)
	solver.Labels["acme.cert-manager.io/http01-solver"] = "true"
	return solver
}

func tlsSecret(t *testing.T, hosts ...string) *corev1.Secret {
	t.Helper()
	certificate, key := selfsigned.Issue(t, time.Now().Add(time.Hour), hosts...)
	return &corev1.Secret{
		ObjectMeta: metav1.ObjectMeta{Namespace: thisNamespace, Name: "ours"},
		Data:       map[string][]byte{"tls.crt": []byte(certificate), "tls.key": []byte(key)},
	}
}

func clusterIssuer() *unstructured.Unstructured {
	return &unstructured.Unstructured{Object: map[string]any{
		"apiVersion": "cert-manager.io/v1", "kind": "ClusterIssuer", "metadata": map[string]any{"name": "letsencrypt"},
	}}
}

// frontDoorOf returns a client of a cluster with these objects, with or without cert-manager.
func frontDoorOf(managed bool, objects ...runtime.Object) *fake.FakeDynamicClient {
	certificates := schema.GroupVersionResource{Group: "cert-manager.io", Version: "v1", Resource: "certificates"}
	client := fake.NewSimpleDynamicClientWithCustomListKinds(scheme.Scheme, map[schema.GroupVersionResource]string{
		certificates: "CertificateList",
	}, append(objects, hostpath(), namespaceOf("kube-system", thisCluster, ""))...)
	if !managed {
		client.PrependReactor("list", "certificates", func(clienttesting.Action) (bool, runtime.Object, error) {
			return true, nil, apierrors.NewNotFound(certificates.GroupResource(), "")
		})
	}
	return client
}

func TestIngressIsRefusedThatNobodyWouldServe(t *testing.T) {
	public := ingressClass("public", true)
	for name, c := range map[string]struct {
		managed bool
		objects []runtime.Object
		values  map[string]string
		want    map[string]string // part of what is found, wanted or advised, by key
	}{
		"all is there": {true, []runtime.Object{public}, nil, nil},
		"our own Ingress, and the authority": {true, []runtime.Object{
			public, ingressFor(thisNamespace, "mediawiki-ingress", "wiki.example.org"), solverFor("wiki.example.org"),
		}, nil, nil},
		"no controller": {true, nil, nil, map[string]string{"ingress.class": "microk8s enable ingress"}},
		"no default controller": {
			true, []runtime.Object{ingressClass("nginx", false)}, nil, map[string]string{"ingress.class": "one of nginx"},
		},
		"another controller": {
			true,
			[]runtime.Object{public},
			map[string]string{"ingress": `{"enabled":true,"class":"nginx"}`},
			map[string]string{"ingress.class": "one of public"},
		},
		"no cert-manager": {false, []runtime.Object{public}, nil, map[string]string{"tls.email": "microk8s enable cert-manager"}},
		"a Secret needs no cert-manager": {
			false, []runtime.Object{public, tlsSecret(t, "wiki.example.org")}, map[string]string{"tls": `{"secret":"ours"}`}, nil,
		},
		"no Secret": {
			false,
			[]runtime.Object{public},
			map[string]string{"tls": `{"secret":"ours"}`},
			map[string]string{"tls.secret": "namespace mediawiki-test has no such Secret"},
		},
		"a Secret for another host": {
			false,
			[]runtime.Object{public, tlsSecret(t, "example.org")},
			map[string]string{"tls": `{"secret":"ours"}`},
			map[string]string{"tls.secret": "not wiki.example.org"},
		},
		"an issuer": {
			true, []runtime.Object{public, clusterIssuer()}, map[string]string{"tls": `{"issuer":"ClusterIssuer/letsencrypt"}`}, nil,
		},
		"no issuer": {
			true,
			[]runtime.Object{public},
			map[string]string{"tls": `{"issuer":"ClusterIssuer/letsencrypt"}`},
			map[string]string{"tls.issuer": "kubectl get clusterissuers"},
		},
		"a host of another Ingress": {
			true,
			[]runtime.Object{public, ingressFor("shop", "front", "wiki.example.org")},
			nil,
			map[string]string{"siteUrl": "Ingress shop/front"},
		},
		"an alias of another Ingress": {
			true,
			[]runtime.Object{public, ingressFor("shop", "front", "www.example.org")},
			map[string]string{"aliases": `["www.example.org"]`},
			map[string]string{"aliases": "pulumi config rm --path 'aliases[0]'\n    or, if nothing needs the other Ingress: " +
				"kubectl delete ingress -n shop front"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			values := map[string]string{
				"siteUrl": "https://wiki.example.org", "ingress": `{"enabled":true}`, "tls": `{"email":"you@example.org"}`,
			}
			for key, value := range c.values {
				values[key] = value
			}
			found, err := preflight.Check(t.Context(), frontDoorOf(c.managed, c.objects...), "mediawiki", thisStack, settings(t, values))
			require.NoError(t, err)
			assert.Len(t, found.Problems, len(c.want))
			for _, problem := range found.Problems {
				require.NotEmpty(t, c.want[problem.Key], problem)
				assert.Contains(t, problem.Found+problem.Want+problem.Fix, c.want[problem.Key])
			}
		})
	}
}
