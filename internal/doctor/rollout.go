package doctor

import (
	"context"
	"fmt"
	"strings"

	appsv1 "k8s.io/api/apps/v1"
	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// rollout looks at whether what runs the wiki has become what it is to be. Which of its Pods is to blame is for [pods] to say.
func rollout(ctx context.Context, p *Patient) ([]Finding, error) {
	found, there, err := p.place(ctx)
	if err != nil || !there {
		return found, err
	}
	well := []string{}
	deployments, err := p.Client.AppsV1().Deployments(p.Namespace).List(ctx, metav1.ListOptions{})
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
		found = append(found, p.rolled("deployment", d.Name, *d.Spec.Replicas, ready, updated, message)...)
		well = append(well, fmt.Sprintf("%s %d of %d", d.Name, ready, *d.Spec.Replicas))
	}
	sets, err := p.Client.AppsV1().StatefulSets(p.Namespace).List(ctx, metav1.ListOptions{})
	if err != nil {
		return nil, err
	}
	for i := range sets.Items {
		s := &sets.Items[i]
		found = append(found, p.rolled("statefulset", s.Name, *s.Spec.Replicas, s.Status.ReadyReplicas, s.Status.UpdatedReplicas, "")...)
		well = append(well, fmt.Sprintf("%s %d of %d", s.Name, s.Status.ReadyReplicas, *s.Spec.Replicas))
	}
	migration, err := p.migration(ctx)
	if err != nil {
		return nil, err
	}
	found = append(found, migration...)
	if len(well) == 0 {
		found = append(found, Finding{
			Level: Failure, What: fmt.Sprintf("namespace %s has no Deployment", p.Namespace), Why: "there is no wiki",
			Type: "pulumi up --refresh     (without --refresh it does not notice that objects are missing)",
		})
	}
	return worst(found, fine("Pods that are ready: %s", strings.Join(well, ", "))), nil
}

// place tells whether the wiki's namespace is there, and what is wrong with it.
func (p *Patient) place(ctx context.Context) (found []Finding, there bool, err error) {
	namespace, err := p.Client.CoreV1().Namespaces().Get(ctx, p.Namespace, metav1.GetOptions{})
	if apierrors.IsNotFound(err) {
		return []Finding{{
			Level: Failure, What: fmt.Sprintf("there is no namespace %s", p.Namespace), Why: "there is no wiki",
			Type: fmt.Sprintf("pulumi up --refresh     (with createNamespace false, first: kubectl create namespace %s)\n"+
				"kubectl get cronjob -A     (says where wikis are)", p.Namespace),
		}}, false, nil
	}
	if err != nil || namespace.DeletionTimestamp == nil {
		return nil, err == nil, err
	}
	return []Finding{{
		Level: Failure, What: fmt.Sprintf("namespace %s is being deleted, since %s", p.Namespace, p.ago(*namespace.DeletionTimestamp)),
		Why:  "all that is in it goes, and it takes nothing new",
		Type: fmt.Sprintf("kubectl get namespace %s -o jsonpath='{.status.conditions}'     (says what holds it)", p.Namespace),
	}}, true, nil
}

// rolled says what a workload misses. Old Pods that serve until a new one is ready are no failure.
func (p *Patient) rolled(kind, name string, wanted, ready, updated int32, message string) []Finding {
	finding := Finding{Type: p.kubectl("describe " + kind + " " + name)}
	switch {
	case ready < wanted:
		finding.Level, finding.What = Failure, fmt.Sprintf("%s has %d of %s ready", name, ready, counted(int(wanted), "Pod"))
		finding.Why = "what it does for the wiki it does slowly, or not at all; see Pods"
	case updated < wanted || message != "":
		finding.Level, finding.What = Warning, fmt.Sprintf("%s has %d of %s that are new", name, updated, counted(int(wanted), "Pod"))
		finding.Why = "a change is under way, or stuck; until it is through the old Pods serve"
	default:
		return nil
	}
	if message != "" {
		finding.Details = []string{message}
	}
	return []Finding{finding}
}

// migration says why the last one failed, if it did: nothing behind it was changed.
func (p *Patient) migration(ctx context.Context) ([]Finding, error) {
	jobs, err := p.Client.BatchV1().Jobs(p.Namespace).List(ctx, metav1.ListOptions{})
	if err != nil {
		return nil, err
	}
	var last *batchv1.Job
	for i := range jobs.Items {
		job := &jobs.Items[i]
		if job.Spec.Template.Labels["app"] == p.Name+"-migration" &&
			(last == nil || last.CreationTimestamp.Before(&job.CreationTimestamp)) {
			last = job
		}
	}
	if last == nil || failure(last) == nil {
		return nil, nil
	}
	return []Finding{{
		Level: Failure, What: fmt.Sprintf("Job %s failed: %s", last.Name, failure(last).Message), Details: p.lastWords(ctx, last.Name),
		Why:  "the wiki was not changed; its old Pods, if there are some, serve on",
		Type: "pulumi up     (once mended; all that was said: " + p.kubectl("logs job/"+last.Name) + ")",
	}}, nil
}

// failure is the condition of a Job that has failed.
func failure(job *batchv1.Job) *batchv1.JobCondition {
	for i := range job.Status.Conditions {
		if c := &job.Status.Conditions[i]; c.Type == batchv1.JobFailed && c.Status == corev1.ConditionTrue {
			return c
		}
	}
	return nil
}

// lastWords are what the last Pod of a Job said of why it failed.
func (p *Patient) lastWords(ctx context.Context, job string) []string {
	list, err := p.Client.CoreV1().Pods(p.Namespace).List(ctx, metav1.ListOptions{LabelSelector: "job-name=" + job})
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
			return p.log(ctx, last.Name, status.Name, false)
		}
	}
	return nil
}
