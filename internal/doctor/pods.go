package doctor

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/mediawiki-stack/mediawiki-stack/internal/admission"
	"github.com/mediawiki-stack/mediawiki-stack/internal/versions"
)

// grace is how long a Pod may take before it is asked why.
const grace = 2 * time.Minute

// pods looks for those that do not start, and says what they and Kubernetes said of it.
func pods(ctx context.Context, p *Patient) ([]Finding, error) {
	list, err := p.Client.CoreV1().Pods(p.Namespace).List(ctx, metav1.ListOptions{})
	if err != nil {
		return nil, err
	}
	var found []Finding
	well := 0
	for i := range list.Items {
		pod := &list.Items[i]
		switch finding := p.trouble(ctx, pod); {
		case finding != nil:
			finding.Details = append(p.events(ctx, "Pod", pod.Name), finding.Details...)
			found = append(found, *finding)
		case isReady(pod):
			well++
		}
	}
	refused, err := p.refused(ctx)
	if err != nil {
		return nil, err
	}
	if found = append(found, refused...); well == 0 && len(found) == 0 {
		found = []Finding{{
			Level: Warning, What: "none is ready, and none says why",
			Why:  "they may just have been made; rollout says how many there should be",
			Type: p.kubectl("get events --sort-by=.lastTimestamp"),
		}}
	}
	return worst(found, fine("%d ready, none in trouble", well)), nil
}

// trouble is what keeps a Pod from being ready, or from being gone; nil if nothing does, or if it had no time yet.
func (p *Patient) trouble(ctx context.Context, pod *corev1.Pod) *Finding {
	if why, fix := admission.Stuck(pod, p.Namespace, p.Now); fix != "" {
		return &Finding{
			Level: Failure, What: pod.Name + " " + why, Type: fix,
			Why: "its volumes, and in a StatefulSet its name, are not free for the Pod that is to take its place",
		}
	}
	if pod.DeletionTimestamp != nil || pod.Status.Phase == corev1.PodSucceeded || pod.Status.Phase == corev1.PodFailed || isReady(pod) {
		return nil // those of Jobs are the Jobs' to explain
	}
	finding := &Finding{Level: Failure, Type: p.kubectl("describe pod " + pod.Name)}
	for _, status := range append(slices.Clone(pod.Status.InitContainerStatuses), pod.Status.ContainerStatuses...) {
		if p.stuck(ctx, pod, &status, finding) {
			return finding
		}
	}
	if p.Now.Sub(pod.CreationTimestamp.Time) < grace {
		return nil
	}
	p.slow(ctx, pod, finding)
	return finding
}

// slow says why a Pod is not ready in which nothing is stuck.
func (p *Patient) slow(ctx context.Context, pod *corev1.Pod, finding *Finding) {
	for _, condition := range pod.Status.Conditions {
		if condition.Type == corev1.PodScheduled && condition.Status == corev1.ConditionFalse {
			finding.What = fmt.Sprintf("%s has found no node: %s", pod.Name, condition.Message)
			finding.Why = "a node misses memory, or a volume that the Pod mounts; see claims and memory"
			return
		}
	}
	for _, status := range pod.Status.InitContainerStatuses {
		if running := status.State.Running; running != nil && status.Name == "wait" {
			finding.What = fmt.Sprintf("%s waits since %s", pod.Name, p.ago(running.StartedAt))
			finding.Why = "it starts when the migration has opened the gate for its image and settings, and the database answers"
			finding.Details = p.log(ctx, pod.Name, status.Name, false)
			return
		}
	}
	finding.What = fmt.Sprintf("%s is not ready since %s", pod.Name, p.ago(pod.CreationTimestamp))
	finding.Why = "it gets no requests"
	if answer, err := p.Get(ctx, "/api/v1/namespaces/"+p.Namespace+"/pods/"+pod.Name+":8081/proxy/?ready"); len(answer) > 0 &&
		pod.Labels["app"] == p.Name+"-app" && err != nil {
		finding.Details = lines(string(answer))
	}
}

// reasons are those for which a container waits that do not pass by themselves, and what they mean.
var reasons = map[string]string{
	"ErrImagePull":               "its image cannot be had: the name or the tag is wrong, or its registry cannot be reached",
	"ImagePullBackOff":           "its image cannot be had: the name or the tag is wrong, or its registry cannot be reached",
	"ErrImageNeverPull":          "its image is not on the node, and is not to be pulled",
	"InvalidImageName":           "its image has a name that is none",
	"CreateContainerConfigError": "a Secret or ConfigMap that it needs is not there",
	"CreateContainerError":       "the node cannot make it",
	"RunContainerError":          "the node cannot start it",
	"CrashLoopBackOff":           "it ends as soon as it is started",
}

// stuck tells whether a container waits for what does not come, and says so.
func (p *Patient) stuck(ctx context.Context, pod *corev1.Pod, status *corev1.ContainerStatus, finding *Finding) bool {
	waiting := status.State.Waiting
	if waiting == nil || reasons[waiting.Reason] == "" {
		return false
	}
	finding.What = fmt.Sprintf("%s: container %s is in %s", pod.Name, status.Name, waiting.Reason)
	finding.Why = reasons[waiting.Reason]
	finding.Details = lines(waiting.Message)
	if strings.Contains(waiting.Reason, "Image") {
		finding.What += " of " + status.Image
		if len(p.events(ctx, "Pod", pod.Name)) > 0 {
			finding.Details = nil // they say the same
		}
		finding.Type = p.imageAdvice(pod.Name, status)
	}
	if last := status.LastTerminationState.Terminated; last != nil {
		finding.Details = []string{fmt.Sprintf("ended %s with status %d (%s), for the %d. time",
			p.ago(last.FinishedAt), last.ExitCode, cmp.Or(last.Reason, "no reason"), status.RestartCount)}
		finding.Details = append(finding.Details, lines(last.Message)...)
		finding.Details = append(finding.Details, p.log(ctx, pod.Name, status.Name, true)...)
		if last.Reason == "OOMKilled" {
			finding.Why = "it asked for more memory than its limit"
		}
		finding.Type = p.kubectl("logs " + pod.Name + " -c " + status.Name + " --previous")
	}
	if strings.Contains(strings.Join(finding.Details, "\n"), "exec format error") {
		finding.Why = "its image is for another architecture than its node's"
		finding.Type = "kubectl get node " + pod.Spec.NodeName + " -o jsonpath={.status.nodeInfo.architecture}"
	}
	return true
}

// imageAdvice is the command that sets another image for a container.
func (p *Patient) imageAdvice(pod string, status *corev1.ContainerStatus) string {
	image, ours := versions.ImageOf(status.Name)
	if !ours {
		return p.kubectl("describe pod " + pod)
	}
	return "pulumi config set --path " + image.Key + " …     (as it is now: " + status.Image + ")"
}

// wordsShown is how many lines of a log, and how many events, are shown.
const wordsShown = 10

// log is the end of what a container said, or its predecessor.
func (p *Patient) log(ctx context.Context, pod, container string, previous bool) []string {
	end := int64(wordsShown)
	text, err := p.Client.CoreV1().Pods(p.Namespace).GetLogs(pod, &corev1.PodLogOptions{
		Container: container, Previous: previous, TailLines: &end,
	}).DoRaw(ctx)
	if err != nil {
		return nil // it has said nothing yet, or nothing is left of it
	}
	return lines(string(text))
}

// events are the last warnings about an object.
func (p *Patient) events(ctx context.Context, kind, name string) []string {
	list, err := p.Client.CoreV1().Events(p.Namespace).List(ctx, metav1.ListOptions{
		FieldSelector: "involvedObject.kind=" + kind + ",involvedObject.name=" + name,
	})
	if err != nil {
		return nil
	}
	warnings := slices.DeleteFunc(list.Items, func(e corev1.Event) bool {
		return e.Type != corev1.EventTypeWarning || strings.HasPrefix(e.Message, "Error: ") || // which repeats the reason
			e.InvolvedObject.Kind != kind || e.InvolvedObject.Name != name
	})
	slices.SortFunc(warnings, func(a, b corev1.Event) int { return when(&a).Compare(when(&b)) })
	warnings = warnings[max(0, len(warnings)-3):]
	said := make([]string, 0, len(warnings))
	for i := range warnings {
		said = append(said, fmt.Sprintf("%s, %s: %s", warnings[i].Reason, p.ago(metav1.NewTime(when(&warnings[i]))),
			strings.Join(lines(warnings[i].Message), " ")))
	}
	return said
}

func when(e *corev1.Event) time.Time {
	if !e.LastTimestamp.IsZero() {
		return e.LastTimestamp.Time
	}
	return e.EventTime.Time
}

// isReady tells whether a Pod does its work, and will go on doing it.
func isReady(pod *corev1.Pod) bool {
	if pod.DeletionTimestamp != nil {
		return false
	}
	for _, condition := range pod.Status.Conditions {
		if condition.Type == corev1.PodReady {
			return condition.Status == corev1.ConditionTrue
		}
	}
	return false
}

// lines are those of a text that say something, the last of them.
func lines(text string) []string {
	var all []string
	for line := range strings.Lines(text) {
		if line = strings.TrimSpace(line); line != "" {
			all = append(all, line)
		}
	}
	return all[max(0, len(all)-wordsShown):]
}

// ago is how long something is past, as people say it.
func (p *Patient) ago(t metav1.Time) string {
	switch past := p.Now.Sub(t.Time).Round(time.Second); {
	case past >= 48*time.Hour:
		return days(past) + " ago"
	case past >= 2*time.Hour:
		return fmt.Sprintf("%d hours ago", int(past.Hours()))
	case past >= 2*time.Minute:
		return fmt.Sprintf("%d minutes ago", int(past.Minutes()))
	default:
		return fmt.Sprintf("%d seconds ago", max(0, int(past.Seconds())))
	}
}
