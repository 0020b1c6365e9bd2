package doctor

import (
	"context"
	"fmt"
	"strings"

	"github.com/dustin/go-humanize/english"
	appsv1 "k8s.io/api/apps/v1"
	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/mediawiki-stack/mediawiki-stack/internal/parts"
)

// rollout checks whether the wiki's workloads match their specification. [pods] finds the Pods that prevent that.
func rollout(ctx context.Context, e *Environment) ([]Finding, error) {
	found, exists, err := e.checkNamespace(ctx)
	if err != nil || !exists {
		return found, err
	}
	described := []string{}
	deployments, err := e.Client.AppsV1().Deployments(e.Namespace).List(ctx, metav1.ListOptions{})
	if err != nil {
		return nil, err
	}
	for i := range deployments.Items {
		d := &deployments.Items[i]
		message := ""
		for _, condition := range d.Status.Conditions {
			if condition.Status == corev1.ConditionFalse && message == "" || condition.Reason == "ProgressDeadlineExceeded" ||
				condition.Type == appsv1.DeploymentReplicaFailure && condition.Status == corev1.ConditionTrue {
				message = condition.Message
			}
		}
		ready, updated := d.Status.AvailableReplicas, d.Status.UpdatedReplicas
		found = append(found, e.checkWorkload("deployment", d.Name, *d.Spec.Replicas, ready, updated, message)...)
		described = append(described, fmt.Sprintf("%s %d of %d", d.Name, ready, *d.Spec.Replicas))
	}
	sets, err := e.Client.AppsV1().StatefulSets(e.Namespace).List(ctx, metav1.ListOptions{})
	if err != nil {
		return nil, err
	}
	for i := range sets.Items {
		s := &sets.Items[i]
		ready, updated := s.Status.ReadyReplicas, s.Status.UpdatedReplicas
		found = append(found, e.checkWorkload("statefulset", s.Name, *s.Spec.Replicas, ready, updated, "")...)
		described = append(described, fmt.Sprintf("%s %d of %d", s.Name, s.Status.ReadyReplicas, *s.Spec.Replicas))
	}
	migration, err := e.migration(ctx)
	if err != nil {
		return nil, err
	}
	found = append(found, migration...)
	if len(described) == 0 {
		found = append(found, Finding{
			Level: Failure, What: fmt.Sprintf("namespace %s has no Deployment", e.Namespace), Why: "there is no wiki",
			Fix: "pulumi up --refresh     (without --refresh, pulumi does not notice missing objects)",
		})
	}
	return orOK(found, passed("ready Pods: %s", strings.Join(described, ", "))), nil
}

// checkNamespace reports whether the wiki's namespace exists, and what is wrong with it.
func (e *Environment) checkNamespace(ctx context.Context) (found []Finding, exists bool, err error) {
	namespace, err := e.Client.CoreV1().Namespaces().Get(ctx, e.Namespace, metav1.GetOptions{})
	if apierrors.IsNotFound(err) {
		return []Finding{{
			Level: Failure, What: fmt.Sprintf("there is no namespace %s", e.Namespace), Why: "there is no wiki",
			Fix: fmt.Sprintf("pulumi up --refresh     (with createNamespace false, first: kubectl create namespace %s)\n"+
				"kubectl get cronjob -A     (lists the namespaces of wikis)", e.Namespace),
		}}, false, nil
	}
	if err != nil || namespace.DeletionTimestamp == nil {
		return nil, err == nil, err
	}
	return []Finding{{
		Level: Failure, What: fmt.Sprintf("namespace %s is being deleted, since %s", e.Namespace, e.ago(*namespace.DeletionTimestamp)),
		Why: "every object in it is deleted, and it accepts no new ones",
		Fix: fmt.Sprintf("kubectl get namespace %s -o jsonpath='{.status.conditions}'     (shows what blocks it)", e.Namespace),
	}}, true, nil
}

// checkWorkload returns what a workload lacks. Old Pods that serve until a new one is ready are not a failure.
func (e *Environment) checkWorkload(kind, name string, wanted, ready, updated int32, message string) []Finding {
	finding := Finding{Fix: e.kubectl("describe " + kind + " " + name)}
	switch {
	case ready < wanted:
		finding.Level, finding.What = Failure, fmt.Sprintf("%s has %d of %s ready", name, ready, english.Plural(int(wanted), "Pod", ""))
		finding.Why = "its part of the wiki is slow or down; see Pods"
	case updated < wanted || message != "":
		finding.Level, finding.What = Warning, fmt.Sprintf("%s has %d of %s updated", name, updated, english.Plural(int(wanted), "Pod", ""))
		finding.Why = "a rollout is in progress, or stuck; the old Pods serve until it completes"
	default:
		return nil
	}
	if message != "" {
		finding.Details = []string{message}
	}
	return []Finding{finding}
}

// migration returns why the last migration failed, if it did. Nothing that depends on it was changed.
func (e *Environment) migration(ctx context.Context) ([]Finding, error) {
	jobs, err := e.Client.BatchV1().Jobs(e.Namespace).List(ctx, metav1.ListOptions{})
	if err != nil {
		return nil, err
	}
	var last *batchv1.Job
	for i := range jobs.Items {
		job := &jobs.Items[i]
		if job.Spec.Template.Labels["app"] == parts.Migration.Of(e.Name) &&
			(last == nil || last.CreationTimestamp.Before(&job.CreationTimestamp)) {
			last = job
		}
	}
	if last == nil || failedCondition(last) == nil {
		return nil, nil
	}
	return []Finding{{
		Level: Failure, What: fmt.Sprintf("Job %s failed: %s", last.Name, failedCondition(last).Message),
		Details: e.lastMessage(ctx, last.Name),
		Why:     "the wiki was not changed; its old Pods, if there are any, keep serving",
		Fix:     "pulumi up     (after fixing the cause; the whole log: " + e.kubectl("logs job/"+last.Name) + ")",
	}}, nil
}

// failedCondition returns the condition of a Job that has failed, or nil.
func failedCondition(job *batchv1.Job) *batchv1.JobCondition {
	for i := range job.Status.Conditions {
		if c := &job.Status.Conditions[i]; c.Type == batchv1.JobFailed && c.Status == corev1.ConditionTrue {
			return c
		}
	}
	return nil
}

// lastMessage returns the termination message of a Job's last Pod, or the end of its log.
func (e *Environment) lastMessage(ctx context.Context, job string) []string {
	list, err := e.Client.CoreV1().Pods(e.Namespace).List(ctx, metav1.ListOptions{LabelSelector: "job-name=" + job})
	if err != nil || len(list.Items) == 0 {
		return nil
	}
	last := &list.Items[0]
	for i := range list.Items {
		if last.CreationTimestamp.Before(&list.Items[i].CreationTimestamp) {
			last = &list.Items[i]
		}
	}
	for _, status := range last.Status.ContainerStatuses {
		if ended := status.State.Terminated; ended != nil && ended.ExitCode != 0 {
			if ended.Message != "" {
				return lines(ended.Message)
			}
			return e.log(ctx, last.Name, status.Name, false)
		}
	}
	return nil
}
