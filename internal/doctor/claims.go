package doctor

import (
	"context"
	"fmt"
	"strings"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/mediawiki-stack/mediawiki-stack/internal/admission"
)

// claims checks whether claims exist, have a volume and are not being deleted. A claim may wait for the first Pod that mounts it.
func claims(ctx context.Context, e *Environment) ([]Finding, error) {
	list, err := e.Client.CoreV1().PersistentVolumeClaims(e.Namespace).List(ctx, metav1.ListOptions{})
	if err != nil {
		return nil, err
	}
	found, err := e.missingClaims(ctx, list.Items)
	if err != nil {
		return nil, err
	}
	homes, err := e.homes(ctx)
	if err != nil {
		return nil, err
	}
	bound := make([]string, 0, len(list.Items))
	for i := range list.Items {
		claim := &list.Items[i]
		if why, fix := admission.Deleted(claim); fix != "" {
			found = append(found, Finding{
				Level: Failure, What: claim.Name + " " + why, Why: "a deletion cannot be undone, but the volume can be kept", Fix: fix,
			})
			continue
		}
		events := e.events(ctx, "PersistentVolumeClaim", claim.Name)
		if claim.Status.Phase == corev1.ClaimBound {
			text := claim.Name + " " + claim.Status.Capacity.Storage().String()
			if node := homes[claim.Name]; node != "" {
				text += " on " + node
			}
			bound = append(bound, text)
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

// homes returns the node that has the volume of a claim, by the claim's name, for volumes that only one node can mount.
func (e *Environment) homes(ctx context.Context) (map[string]string, error) {
	list, err := e.Client.CoreV1().PersistentVolumes().List(ctx, metav1.ListOptions{})
	if err != nil {
		return nil, err
	}
	homes := map[string]string{}
	for i := range list.Items {
		spec := &list.Items[i].Spec
		if spec.ClaimRef == nil || spec.ClaimRef.Namespace != e.Namespace || spec.NodeAffinity == nil || spec.NodeAffinity.Required == nil {
			continue
		}
		for _, term := range spec.NodeAffinity.Required.NodeSelectorTerms {
			for _, match := range term.MatchExpressions {
				if match.Key == corev1.LabelHostname && len(match.Values) == 1 {
					homes[spec.ClaimRef.Name] = match.Values[0]
				}
			}
		}
	}
	return homes, nil
}

// missingClaims reports claims that Pods mount but that do not exist.
func (e *Environment) missingClaims(ctx context.Context, existing []corev1.PersistentVolumeClaim) ([]Finding, error) {
	list, err := e.Client.CoreV1().Pods(e.Namespace).List(ctx, metav1.ListOptions{})
	if err != nil {
		return nil, err
	}
	seen := map[string]bool{}
	for i := range existing {
		seen[existing[i].Name] = true
	}
	var found []Finding
	for i := range list.Items {
		for _, volume := range list.Items[i].Spec.Volumes {
			claim := volume.PersistentVolumeClaim
			if claim == nil || seen[claim.ClaimName] {
				continue
			}
			seen[claim.ClaimName] = true
			found = append(found, Finding{
				Level: Failure, What: fmt.Sprintf("%s does not exist, and %s mounts it", claim.ClaimName, list.Items[i].Name),
				Why: "somebody has deleted it, and with it its volume and all data on it",
				Fix: "pulumi preview     (says how to get the data back)",
			})
		}
	}
	return found, nil
}
