package rollout

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/util/wait"
	"k8s.io/client-go/dynamic"
)

// certificateTimeout limits how long an authority may take. An exchange takes half a minute, or with DNS a few. While a host does not lead
// to the cluster yet, cert-manager keeps retrying after the update has failed.
const certificateTimeout = 5 * time.Minute

// issuerTimeout limits how long an issuer may take to reach its authority, which takes seconds unless its address or its certificate is
// wrong.
const issuerTimeout = time.Minute

// certificate is a Certificate of cert-manager on the cluster.
type certificate struct {
	client          dynamic.Interface
	namespace, name string
	begun           time.Time // of the update
}

// await polls until the certificate is issued. It fails at once if the authority has refused it.
func (c certificate) await(ctx context.Context, show func(progress string)) error {
	ctx, cancel := context.WithTimeout(ctx, certificateTimeout)
	defer cancel()
	last, retried, issuer := issuance{message: "not read yet"}, false, stopwatch{}
	err := wait.PollUntilContextCancel(ctx, pollInterval, true, func(ctx context.Context) (bool, error) {
		current, err := c.read(ctx)
		if err != nil {
			if ctx.Err() == nil {
				last = issuance{message: "cannot read it: " + err.Error()}
			}
			return false, nil
		}
		if former := current.failed; current.refused && !former.IsZero() && former.Time.Before(c.begun) {
			retried = retried || c.retry(ctx) == nil
			current.refused = false
		}
		if current != last && !current.ready {
			show("certificate: " + current.message)
		}
		last = current
		return current.ready || current.refused || issuer.measure(current.unready) > issuerTimeout, nil
	})
	if err == nil && last.ready {
		return nil
	}
	return fmt.Errorf("certificate %s/%s is not issued: %s; fix that, and run pulumi up again, which requests it again",
		c.namespace, c.name, last.message)
}

// retry requests a certificate that was refused before this update, as `cmctl renew` does: without it, cert-manager would wait for an hour.
func (c certificate) retry(ctx context.Context) error {
	certificates := c.client.Resource(certManager.WithResource("certificates")).Namespace(c.namespace)
	found, err := certificates.Get(ctx, c.name, metav1.GetOptions{})
	if err != nil {
		return err
	}
	status, _, err := unstructured.NestedMap(found.Object, "status")
	if err != nil {
		return err
	}
	conditions, _, err := unstructured.NestedSlice(status, "conditions")
	if err != nil {
		return err
	}
	conditions = slices.DeleteFunc(conditions, func(condition any) bool {
		fields, is := condition.(map[string]any)
		return is && fields["type"] == "Issuing"
	})
	status["conditions"] = append(conditions, map[string]any{
		"type": "Issuing", "status": "True", "reason": "ManuallyTriggered", "message": "pulumi up requests the certificate again",
		"lastTransitionTime": time.Now().UTC().Format(time.RFC3339), "observedGeneration": found.GetGeneration(),
	})
	found.Object["status"] = status
	_, err = certificates.UpdateStatus(ctx, found, metav1.UpdateOptions{})
	return err
}

// stopwatch measures for how long a condition has been true.
type stopwatch struct{ since time.Time }

func (s *stopwatch) measure(is bool) time.Duration {
	if !is || s.since.IsZero() {
		s.since = time.Now()
	}
	return time.Since(s.since)
}

// issuance is the progress of a certificate.
type issuance struct {
	ready, refused bool
	unready        bool        // the issuer cannot use its authority
	message        string      // of cert-manager and of the authority
	failed         metav1.Time // when the authority refused it the last time
}

// read finds what delays a Certificate: its issuer, its newest request, or that request's order or challenges.
func (c certificate) read(ctx context.Context) (issuance, error) {
	own, err := c.get(ctx, certManager.WithResource("certificates"), c.namespace, c.name)
	if err != nil {
		return issuance{}, err
	}
	state := own.condition("Ready")
	if state.Status == metav1.ConditionTrue {
		return issuance{ready: true}, nil
	}
	found := issuance{message: "waiting for cert-manager", failed: own.Status.LastFailureTime}
	if state.Message != "" {
		found.message = state.Message
	}
	namespace := c.namespace
	if own.Spec.IssuerRef.Kind == "ClusterIssuer" {
		namespace = ""
	}
	resource := certManager.WithResource(strings.ToLower(own.Spec.IssuerRef.Kind) + "s")
	issuer, err := c.get(ctx, resource, namespace, own.Spec.IssuerRef.Name)
	if err != nil {
		return issuance{}, err
	}
	if ready := issuer.condition("Ready"); ready.Status == metav1.ConditionFalse {
		// An authority that answers with a problem of its own has refused, https://datatracker.ietf.org/doc/html/rfc8555#section-6.7
		return issuance{
			unready: true,
			message: own.Spec.IssuerRef.Kind + " " + own.Spec.IssuerRef.Name + ": " + ready.Message,
			refused: strings.Contains(ready.Message, "urn:ietf:params:acme:error:"),
		}, nil
	}
	return c.follow(ctx, own, found)
}

// follow reads the requests for the certificate.
func (c certificate) follow(ctx context.Context, own object, found issuance) (issuance, error) {
	requests, err := c.owned(ctx, certManager.WithResource("certificaterequests"), own)
	if err != nil || len(requests) == 0 {
		if failed := own.condition("Issuing"); failed.Status == metav1.ConditionFalse {
			found.message, found.refused = failed.Message, true
		}
		return found, err
	}
	request := newest(requests)
	if ready := request.condition("Ready"); ready.Message != "" {
		found.message, found.refused = ready.Message, ready.Reason == "Failed" || ready.Reason == "Denied"
	}
	orders, err := c.owned(ctx, acme.WithResource("orders"), request)
	if err != nil || len(orders) == 0 {
		return found, err
	}
	order := newest(orders)
	if order.Status.Reason != "" {
		found.message = order.Status.Reason
	}
	found.refused = found.refused || order.Status.State == "invalid" || order.Status.State == "errored"
	challenges, err := c.owned(ctx, acme.WithResource("challenges"), order)
	if err != nil {
		return found, err
	}
	for _, challenge := range challenges {
		if challenge.Status.Reason != "" && challenge.Status.State != "valid" {
			found.message = challenge.Spec.DNSName + ": " + challenge.Status.Reason
		}
	}
	return found, nil
}
