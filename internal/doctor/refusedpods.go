package doctor

import (
	"context"
	"fmt"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/mediawiki-stack/mediawiki-stack/internal/admission"
)

// refusedPods looks for workloads whose Pods the API server does not admit. Then there is no Pod for [pods] to examine.
func (e *Environment) refusedPods(ctx context.Context) ([]Finding, error) {
	list, err := e.Client.CoreV1().Events(e.Namespace).List(ctx, metav1.ListOptions{FieldSelector: "reason=FailedCreate"})
	if err != nil {
		return nil, err
	}
	type workload struct{ kind, name string }
	newest := map[workload]*corev1.Event{}
	var order []workload
	for i := range list.Items {
		event := &list.Items[i]
		owner := workload{event.InvolvedObject.Kind, event.InvolvedObject.Name}
		if event.Reason != "FailedCreate" || event.Type != corev1.EventTypeWarning {
			continue
		}
		previous, ok := newest[owner]
		if !ok {
			order = append(order, owner)
		}
		if !ok || eventTime(previous).Before(eventTime(event)) {
			newest[owner] = event
		}
	}
	var found []Finding
	for _, owner := range order {
		missing, err := e.lacksPods(ctx, owner.kind, owner.name)
		if err != nil {
			return nil, err
		}
		if event := newest[owner]; missing {
			found = append(found, Finding{
				Level: Failure, What: fmt.Sprintf("%s %s gets no Pod", owner.kind, owner.name), Why: "its namespace does not admit it",
				Details: append([]string{e.ago(metav1.NewTime(eventTime(event))) + ":"}, lines(event.Message)...),
				Fix:     admission.Fix(e.Namespace, event.Message),
			})
		}
	}
	return found, nil
}

// lacksPods reports whether a workload still has fewer Pods than it should have.
func (e *Environment) lacksPods(ctx context.Context, kind, name string) (bool, error) {
	lacking := false
	var err error
	switch kind {
	case "ReplicaSet":
		set, failed := e.Client.AppsV1().ReplicaSets(e.Namespace).Get(ctx, name, metav1.GetOptions{})
		if err = failed; err == nil {
			lacking = set.Spec.Replicas != nil && set.Status.Replicas < *set.Spec.Replicas
		}
	case "StatefulSet":
		set, failed := e.Client.AppsV1().StatefulSets(e.Namespace).Get(ctx, name, metav1.GetOptions{})
		if err = failed; err == nil {
			lacking = set.Spec.Replicas != nil && set.Status.Replicas < *set.Spec.Replicas
		}
	case "Job":
		job, failed := e.Client.BatchV1().Jobs(e.Namespace).Get(ctx, name, metav1.GetOptions{})
		if err = failed; err == nil {
			lacking = job.Status.Active+job.Status.Succeeded+job.Status.Failed == 0
		}
	}
	if apierrors.IsNotFound(err) {
		return false, nil
	}
	return lacking, err
}
