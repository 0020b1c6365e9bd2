package doctor

import (
	"context"
	"fmt"
	"strings"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// claims checks whether claims have a volume. A claim may wait for the first Pod that mounts it.
func claims(ctx context.Context, e *Environment) ([]Finding, error) {
	list, err := e.Client.CoreV1().PersistentVolumeClaims(e.Namespace).List(ctx, metav1.ListOptions{})
	if err != nil {
		return nil, err
	}
	var found []Finding
	bound := make([]string, 0, len(list.Items))
	for i := range list.Items {
		claim := &list.Items[i]
		events := e.events(ctx, "PersistentVolumeClaim", claim.Name)
		if claim.Status.Phase == corev1.ClaimBound {
			bound = append(bound, fmt.Sprintf("%s %s", claim.Name, claim.Status.Capacity.Storage()))
			continue
		}
		class := "none"
		if claim.Spec.StorageClassName != nil {
			class = *claim.Spec.StorageClassName
		}
		finding := Finding{
			Level: Failure, What: fmt.Sprintf("%s is %s (storage class %s)", claim.Name, claim.Status.Phase, class), Details: events,
			Why: "a Pod that mounts it cannot start", Fix: e.kubectl("describe pvc " + claim.Name),
		}
		if len(events) == 0 && claim.Status.Phase == corev1.ClaimPending {
			finding.Level, finding.Why = Warning, "it is waiting for a Pod that mounts it, or for its provisioner"
		}
		found = append(found, finding)
	}
	return orOK(found, passed("%d bound: %s", len(bound), strings.Join(bound, ", "))), nil
}
