package doctor

import (
	"context"
	"fmt"
	"strings"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// claims looks for those without a volume. One that waits for the first Pod that mounts it is as it should be.
func claims(ctx context.Context, p *Patient) ([]Finding, error) {
	list, err := p.Client.CoreV1().PersistentVolumeClaims(p.Namespace).List(ctx, metav1.ListOptions{})
	if err != nil {
		return nil, err
	}
	var found []Finding
	bound := make([]string, 0, len(list.Items))
	for i := range list.Items {
		claim := &list.Items[i]
		said := p.events(ctx, "PersistentVolumeClaim", claim.Name)
		if claim.Status.Phase == corev1.ClaimBound {
			bound = append(bound, fmt.Sprintf("%s %s", claim.Name, claim.Status.Capacity.Storage()))
			continue
		}
		class := "none"
		if claim.Spec.StorageClassName != nil {
			class = *claim.Spec.StorageClassName
		}
		finding := Finding{
			Level: Failure, What: fmt.Sprintf("%s is %s (storage class %s)", claim.Name, claim.Status.Phase, class), Details: said,
			Why: "a Pod that mounts it does not start", Type: p.kubectl("describe pvc " + claim.Name),
		}
		if len(said) == 0 && claim.Status.Phase == corev1.ClaimPending {
			finding.Level, finding.Why = Warning, "it waits for a Pod that mounts it, or for its provisioner"
		}
		found = append(found, finding)
	}
	return worst(found, fine("%d bound: %s", len(bound), strings.Join(bound, ", "))), nil
}
