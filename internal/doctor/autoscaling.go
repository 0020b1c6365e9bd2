package doctor

import (
	"context"
	"fmt"
	"strings"

	autoscalingv2 "k8s.io/api/autoscaling/v2"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// autoscaling checks whether the cluster can choose the number of web Pods if it is asked to.
func autoscaling(ctx context.Context, e *Environment) ([]Finding, error) {
	list, err := e.Client.AutoscalingV2().HorizontalPodAutoscalers(e.Namespace).List(ctx, metav1.ListOptions{})
	if err != nil {
		return nil, err
	}
	if len(list.Items) == 0 {
		return passed("is off: the number of Pods is replicas"), nil
	}
	var found []Finding
	var described []string
	for i := range list.Items {
		a := &list.Items[i]
		name, least := a.Spec.ScaleTargetRef.Name, int32(1)
		if a.Spec.MinReplicas != nil {
			least = *a.Spec.MinReplicas
		}
		described = append(described, fmt.Sprintf("%s has %d of %d to %d Pods", name, a.Status.CurrentReplicas, least, a.Spec.MaxReplicas))
		for _, condition := range a.Status.Conditions {
			switch {
			case condition.Type == autoscalingv2.ScalingLimited && condition.Reason == "TooManyReplicas":
				found = append(found, Finding{
					Level: Warning,
					What:  fmt.Sprintf("%s would have more than %d Pods if autoscaling.max allowed it", name, a.Spec.MaxReplicas),
					Why:   "its Pods use more CPU than autoscaling.cpu; pages may be slow",
					Fix:   "pulumi config set --path autoscaling.max MORE     (and pulumi up, if the nodes have more processors)",
				})
			case condition.Type != autoscalingv2.ScalingLimited && condition.Status == corev1.ConditionFalse:
				found = append(found, Finding{
					Level: Warning, What: fmt.Sprintf("the number of Pods of %s does not change: %s", name, condition.Message),
					Why: "it stays as it is, however many readers there are",
					Fix: "kubectl describe apiservice v1beta1.metrics.k8s.io     (says whether metrics-server answers)",
				})
			}
		}
	}
	return orOK(found, passed("%s", strings.Join(described, ", "))), nil
}
