package rollout

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/client-go/dynamic/fake"
	clienttesting "k8s.io/client-go/testing"
)

// managed returns an object of cert-manager that another one owns.
func managed(group, kind, owner string, status map[string]any) *unstructured.Unstructured {
	metadata := map[string]any{"name": "mediawiki-ingress", "namespace": "wiki", "uid": kind, "generation": int64(2)}
	if owner != "" {
		metadata["ownerReferences"] = []any{map[string]any{"uid": owner}}
	}
	return &unstructured.Unstructured{Object: map[string]any{
		"apiVersion": group + "/v1", "kind": kind, "metadata": metadata, "status": status,
		"spec": map[string]any{"issuerRef": map[string]any{"kind": "Issuer", "name": "mediawiki-ingress"}, "dnsName": "wiki.example.org"},
	}}
}

func readiness(status, reason, message string) map[string]any {
	return map[string]any{"conditions": []any{map[string]any{
		"type": "Ready", "status": status, "reason": reason, "message": message, "observedGeneration": int64(2),
	}}}
}

// waiting returns a certificate that is being issued, and its issuer.
func waiting() []runtime.Object {
	return []runtime.Object{
		managed("cert-manager.io", "Certificate", "",
			readiness("False", "DoesNotExist", "Issuing certificate as Secret does not exist")),
		managed("cert-manager.io", "Issuer", "", readiness("True", "ACMEAccountRegistered", "")),
	}
}

func fakeCertificate(objects ...runtime.Object) (certificate, *fake.FakeDynamicClient) {
	client := fake.NewSimpleDynamicClientWithCustomListKinds(runtime.NewScheme(), map[schema.GroupVersionResource]string{
		certManager.WithResource("certificates"):        "CertificateList",
		certManager.WithResource("issuers"):             "IssuerList",
		certManager.WithResource("certificaterequests"): "CertificateRequestList",
		acme.WithResource("orders"):                     "OrderList",
		acme.WithResource("challenges"):                 "ChallengeList",
	}, objects...)
	return certificate{client: client, namespace: "wiki", name: "mediawiki-ingress", begun: time.Now()}, client
}

func awaitBriefly(t *testing.T, c certificate) (shown []string, err error) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Second)
	defer cancel()
	err = c.await(ctx, func(progress string) { shown = append(shown, progress) })
	return shown, err
}

func TestUpEndsWhenTheCertificateIsIssued(t *testing.T) {
	c, client := fakeCertificate(waiting()...)
	reads := 0
	client.PrependReactor("get", "certificates", func(clienttesting.Action) (bool, runtime.Object, error) {
		if reads++; reads < 2 {
			return false, nil, nil
		}
		return true, managed("cert-manager.io", "Certificate", "", readiness("True", "Ready", "")), nil
	})
	shown, err := awaitBriefly(t, c)
	require.NoError(t, err)
	assert.Equal(t, []string{"certificate: Issuing certificate as Secret does not exist"}, shown)
}

func TestCertificateOfAFormerSpecificationIsNotEnough(t *testing.T) {
	old := readiness("True", "Ready", "")
	old["conditions"].([]any)[0].(map[string]any)["observedGeneration"] = int64(1)
	c, _ := fakeCertificate(managed("cert-manager.io", "Certificate", "", old), waiting()[1])
	_, err := awaitBriefly(t, c)
	require.ErrorContains(t, err, "certificate wiki/mediawiki-ingress is not issued: waiting for cert-manager")
}

func TestUpSaysWhatTheAuthorityRefuses(t *testing.T) {
	request := managed("cert-manager.io", "CertificateRequest", "Certificate", readiness("False", "Pending", "Waiting on order"))
	order := managed("acme.cert-manager.io", "Order", "CertificateRequest", map[string]any{"state": "pending"})
	unreachable := managed("cert-manager.io", "Issuer", "", readiness("False", "ErrRegisterACMEAccount",
		"Failed to register ACME account: dial tcp: connection refused"))
	for name, c := range map[string]struct {
		objects []runtime.Object
		want    string
		atOnce  bool
	}{
		"a host that leads elsewhere": {
			append(waiting(), request, order, managed("acme.cert-manager.io", "Challenge", "Order", map[string]any{
				"state": "pending", "reason": "Waiting for HTTP-01 challenge propagation: wrong status code '404', expected '200'",
			})),
			"wiki.example.org: Waiting for HTTP-01 challenge propagation: wrong status code '404'", false,
		},
		"a host that the authority does not want": {
			append(waiting(), request, managed("acme.cert-manager.io", "Order", "CertificateRequest", map[string]any{
				"state": "errored", "reason": "400 urn:ietf:params:acme:error:rejectedIdentifier: forbidden by policy",
			})),
			"forbidden by policy", true,
		},
		"an address that the authority does not want": {
			[]runtime.Object{waiting()[0], managed("cert-manager.io", "Issuer", "", readiness("False", "ErrRegisterACMEAccount",
				"Failed to register ACME account: 400 urn:ietf:params:acme:error:invalidContact: invalid contact domain"))},
			"Issuer mediawiki-ingress: Failed to register ACME account: 400 urn:ietf:params:acme:error:invalidContact", true,
		},
		"an authority that does not answer": {[]runtime.Object{waiting()[0], unreachable}, "connection refused", false},
		"another request": {
			append(waiting(), managed("cert-manager.io", "CertificateRequest", "another",
				readiness("False", "Failed", "not ours"))),
			"Issuing certificate as Secret does not exist", false,
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			awaited, _ := fakeCertificate(c.objects...)
			begun := time.Now()
			_, err := awaitBriefly(t, awaited)
			require.ErrorContains(t, err, c.want)
			require.ErrorContains(t, err, "run pulumi up again")
			assert.Equal(t, c.atOnce, time.Since(begun) < time.Second/2)
		})
	}
}

// TestUpWaitsAMinuteForAnAuthority: the clock of the test does not wait.
func TestUpWaitsAMinuteForAnAuthority(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c, _ := fakeCertificate(waiting()[0], managed("cert-manager.io", "Issuer", "", readiness("False", "ErrRegisterACMEAccount",
			"Failed to register ACME account: connection refused")))
		begun := time.Now()
		err := c.await(t.Context(), func(string) {})
		require.ErrorContains(t, err, "connection refused")
		assert.InDelta(t, issuerTimeout.Seconds(), time.Since(begun).Seconds(), 1)
		c, _ = fakeCertificate(waiting()...)
		begun = time.Now()
		require.ErrorContains(t, c.await(t.Context(), func(string) {}), "Issuing certificate")
		assert.InDelta(t, certificateTimeout.Seconds(), time.Since(begun).Seconds(), 1)
	})
}

func TestUpAsksAgainForACertificateThatWasRefusedBefore(t *testing.T) {
	objects := waiting()
	status := objects[0].(*unstructured.Unstructured).Object["status"].(map[string]any)
	status["lastFailureTime"] = time.Now().Add(-time.Minute).UTC().Format(time.RFC3339)
	c, client := fakeCertificate(append(objects,
		managed("cert-manager.io", "CertificateRequest", "Certificate", readiness("False", "Failed", "order is invalid")))...)
	_, err := awaitBriefly(t, c)
	require.ErrorContains(t, err, "order is invalid")
	asked := 0
	for _, action := range client.Actions() {
		if action.GetVerb() == "update" && action.GetSubresource() == "status" {
			asked++
		}
	}
	assert.Equal(t, 1, asked)
	own, err := c.get(t.Context(), certManager.WithResource("certificates"), "wiki", "mediawiki-ingress")
	require.NoError(t, err)
	assert.Equal(t, "ManuallyTriggered", own.condition("Issuing").Reason)
	assert.Equal(t, "DoesNotExist", own.condition("Ready").Reason, "other conditions are kept")
}
