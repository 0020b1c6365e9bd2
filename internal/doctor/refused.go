package doctor

import (
	"context"
	"fmt"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/mediawiki-stack/mediawiki-stack/internal/admission"
)

// refused looks for workloads whose Pods the API server does not take: there is no Pod then that could be in trouble.
func (p *Patient) refused(ctx context.Context) ([]Finding, error) {
	list, err := p.Client.CoreV1().Events(p.Namespace).List(ctx, metav1.ListOptions{FieldSelector: "reason=FailedCreate"})
	if err != nil {
		return nil, err
	}
	type workload struct{ kind, name string }
	newest := map[workload]*corev1.Event{}
	var order []workload
	for i := range list.Items {
		event := &list.Items[i]
		of := workload{event.InvolvedObject.Kind, event.InvolvedObject.Name}
		if event.Reason != "FailedCreate" || event.Type != corev1.EventTypeWarning {
			continue
		}
		before, there := newest[of]
		if !there {
			order = append(order, of)
		}
		if !there || when(before).Before(when(event)) {
			newest[of] = event
		}
	}
	var found []Finding
	for _, of := range order {
		missing, err := p.missesPods(ctx, of.kind, of.name)
		if err != nil {
			return nil, err
		}
		if event := newest[of]; missing {
			found = append(found, Finding{
				Level: Failure, What: fmt.Sprintf("%s %s gets no Pod", of.kind, of.name), Why: "its namespace does not take it",
				Details: append([]string{p.ago(metav1.NewTime(when(event))) + ":"}, lines(event.Message)...),
				Type:    admission.Fix(p.Namespace, event.Message),
			})
		}
	}
	return found, nil
}

// missesPods tells whether a workload still has fewer Pods than it should have.
func (p *Patient) missesPods(ctx context.Context, kind, name string) (bool, error) {
	misses := false
	var err error
	switch kind {
	case "ReplicaSet":
		set, failed := p.Client.AppsV1().ReplicaSets(p.Namespace).Get(ctx, name, metav1.GetOptions{})
		if err = failed; err == nil {
			misses = set.Spec.Replicas != nil && set.Status.Replicas < *set.Spec.Replicas
		}
	case "StatefulSet":
		set, failed := p.Client.AppsV1().StatefulSets(p.Namespace).Get(ctx, name, metav1.GetOptions{})
		if err = failed; err == nil {
			misses = set.Spec.Replicas != nil && set.Status.Replicas < *set.Spec.Replicas
		}
	case "Job":
		job, failed := p.Client.BatchV1().Jobs(p.Namespace).Get(ctx, name, metav1.GetOptions{})
		if err = failed; err == nil {
			misses = job.Status.Active+job.Status.Succeeded+job.Status.Failed == 0
		}
	}
	if apierrors.IsNotFound(err) {
		return false, nil
	}
	return misses, err
}
