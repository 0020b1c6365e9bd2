package doctor

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/dustin/go-humanize/english"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/mediawiki-stack/mediawiki-stack/internal/admission"
	"github.com/mediawiki-stack/mediawiki-stack/internal/parts"
	"github.com/mediawiki-stack/mediawiki-stack/internal/versions"
)

// grace is how long a Pod may take to become ready.
const grace = 2 * time.Minute

// pods looks for Pods that do not start, and adds their events and logs.
func pods(ctx context.Context, e *Environment) ([]Finding, error) {
	list, err := e.Client.CoreV1().Pods(e.Namespace).List(ctx, metav1.ListOptions{})
	if err != nil {
		return nil, err
	}
	var found []Finding
	healthy := 0
	for i := range list.Items {
		pod := &list.Items[i]
		switch finding := e.diagnose(ctx, pod); {
		case finding != nil:
			finding.Details = append(e.events(ctx, "Pod", pod.Name), finding.Details...)
			found = append(found, *finding)
		case isReady(pod):
			healthy++
		}
	}
	refused, err := e.refusedPods(ctx)
	if err != nil {
		return nil, err
	}
	if found = append(found, refused...); healthy == 0 && len(found) == 0 {
		found = []Finding{{
			Level: Warning, What: "none is ready, and there is no sign why",
			Why: "they may just have been created; rollout shows how many there should be",
			Fix: e.kubectl("get events --sort-by=.lastTimestamp"),
		}}
	}
	return orOK(found, passed("%d ready, none has a problem", healthy)), nil
}

// diagnose returns what prevents a Pod from being ready, or from being deleted. It returns nil if nothing does, or if the Pod is new.
func (e *Environment) diagnose(ctx context.Context, pod *corev1.Pod) *Finding {
	if why, fix := admission.Stuck(pod, e.Namespace, e.Now); fix != "" {
		return &Finding{
			Level: Failure, What: pod.Name + " " + why, Fix: fix,
			Why: "its replacement cannot start: the volumes, and in a StatefulSet the name, are still in use",
		}
	}
	if pod.DeletionTimestamp == nil && pod.Status.Reason == "Evicted" {
		return &Finding{
			Level: Warning, What: pod.Name + " was evicted",
			Why: "its node was short of a resource, or the Pod used more disk space than its limit; another Pod replaces it",
			Fix: e.kubectl("delete pod " + pod.Name + "     (once the cause is fixed)"), Details: lines(pod.Status.Message),
		}
	}
	if pod.DeletionTimestamp != nil || pod.Status.Phase == corev1.PodSucceeded || pod.Status.Phase == corev1.PodFailed || isReady(pod) {
		return nil // rollout and backups examine Pods of Jobs
	}
	finding := &Finding{Level: Failure, Fix: e.kubectl("describe pod " + pod.Name)}
	for _, status := range append(slices.Clone(pod.Status.InitContainerStatuses), pod.Status.ContainerStatuses...) {
		if e.explainWaiting(ctx, pod, &status, finding) {
			return finding
		}
	}
	if e.Now.Sub(pod.CreationTimestamp.Time) < grace {
		return nil
	}
	e.explainNotReady(ctx, pod, finding)
	return finding
}

// explainNotReady fills in why a Pod is not ready although no container is stuck.
func (e *Environment) explainNotReady(ctx context.Context, pod *corev1.Pod, finding *Finding) {
	for _, condition := range pod.Status.Conditions {
		if condition.Type == corev1.PodScheduled && condition.Status == corev1.ConditionFalse {
			finding.What = fmt.Sprintf("%s cannot be scheduled: %s", pod.Name, condition.Message)
			finding.Why = "no node has enough memory, or the volume that the Pod mounts; see claims and memory"
			return
		}
	}
	for _, status := range pod.Status.InitContainerStatuses {
		if running := status.State.Running; running != nil && status.Name == "wait" {
			finding.What = fmt.Sprintf("%s has been waiting since its start %s", pod.Name, e.ago(running.StartedAt))
			finding.Why = "it starts once the migration has approved its image and settings, and the database answers"
			finding.Details = e.log(ctx, pod.Name, status.Name, false)
			return
		}
	}
	finding.What = fmt.Sprintf("%s is not ready; it was created %s", pod.Name, e.ago(pod.CreationTimestamp))
	finding.Why = "it receives no requests"
	if pod.Labels["app"] != parts.Web.Of(e.Name) {
		return
	}
	if answer, err := e.Fetch(ctx, pod.Name, parts.HealthPort, "/?ready"); len(answer) > 0 && err != nil {
		finding.Details = lines(string(answer))
	}
}

// reasons are why a container may wait forever, and what they mean.
var reasons = map[string]string{
	"ErrImagePull":               "its image cannot be pulled: the name or the tag is wrong, or its registry cannot be reached",
	"ImagePullBackOff":           "its image cannot be pulled: the name or the tag is wrong, or its registry cannot be reached",
	"ErrImageNeverPull":          "its image is not on the node, and its pull policy is Never",
	"InvalidImageName":           "the image name is not valid",
	"CreateContainerConfigError": "a Secret or ConfigMap that it needs does not exist",
	"CreateContainerError":       "the node cannot create it",
	"RunContainerError":          "the node cannot start it",
	"CrashLoopBackOff":           "it keeps exiting after it is started",
}

// explainWaiting reports whether a container waits for one of the [reasons], and fills in the finding.
func (e *Environment) explainWaiting(ctx context.Context, pod *corev1.Pod, status *corev1.ContainerStatus, finding *Finding) bool {
	waiting := status.State.Waiting
	if waiting == nil || reasons[waiting.Reason] == "" {
		return false
	}
	finding.What = fmt.Sprintf("%s: container %s is in %s", pod.Name, status.Name, waiting.Reason)
	finding.Why = reasons[waiting.Reason]
	finding.Details = lines(waiting.Message)
	if strings.Contains(waiting.Reason, "Image") {
		finding.What += " for " + status.Image
		if len(e.events(ctx, "Pod", pod.Name)) > 0 {
			finding.Details = nil // it repeats the event
		}
		finding.Fix = e.imageAdvice(pod.Name, status)
	}
	if last := status.LastTerminationState.Terminated; last != nil {
		finding.Details = []string{fmt.Sprintf("ended %s with exit code %d (%s), %s",
			e.ago(last.FinishedAt), last.ExitCode, cmp.Or(last.Reason, "no reason"),
			english.Plural(int(status.RestartCount), "restart", ""))}
		finding.Details = append(finding.Details, lines(last.Message)...)
		finding.Details = append(finding.Details, e.log(ctx, pod.Name, status.Name, true)...)
		if last.Reason == "OOMKilled" {
			finding.Why = "it used more memory than its limit"
		}
		finding.Fix = e.kubectl("logs " + pod.Name + " -c " + status.Name + " --previous")
	}
	if strings.Contains(strings.Join(finding.Details, "\n"), "exec format error") {
		finding.Why = "its image was built for another architecture than that of its node"
		finding.Fix = "kubectl get node " + pod.Spec.NodeName + " -o jsonpath={.status.nodeInfo.architecture}"
	}
	return true
}

// imageAdvice returns the command that sets another image for a container.
func (e *Environment) imageAdvice(pod string, status *corev1.ContainerStatus) string {
	image, ok := versions.ImageOf(status.Name)
	if !ok {
		return e.kubectl("describe pod " + pod)
	}
	return "pulumi config set --path " + image.Key + " …     (now: " + status.Image + ")"
}

// linesShown is how many lines of a log are shown.
const linesShown = 10

// log returns the end of the log of a container, or of its previous instance.
func (e *Environment) log(ctx context.Context, pod, container string, previous bool) []string {
	end := int64(linesShown)
	text, err := e.Client.CoreV1().Pods(e.Namespace).GetLogs(pod, &corev1.PodLogOptions{
		Container: container, Previous: previous, TailLines: &end,
	}).DoRaw(ctx)
	if err != nil {
		return nil // the log does not exist yet, or has been deleted
	}
	return lines(string(text))
}

// events returns the last warnings about an object.
func (e *Environment) events(ctx context.Context, kind, name string) []string {
	list, err := e.Client.CoreV1().Events(e.Namespace).List(ctx, metav1.ListOptions{
		FieldSelector: "involvedObject.kind=" + kind + ",involvedObject.name=" + name,
	})
	if err != nil {
		return nil
	}
	warnings := slices.DeleteFunc(list.Items, func(e corev1.Event) bool {
		return e.Type != corev1.EventTypeWarning || strings.HasPrefix(e.Message, "Error: ") || // it repeats the reason
			e.InvolvedObject.Kind != kind || e.InvolvedObject.Name != name
	})
	slices.SortFunc(warnings, func(a, b corev1.Event) int { return eventTime(&a).Compare(eventTime(&b)) })
	warnings = warnings[max(0, len(warnings)-3):]
	texts := make([]string, 0, len(warnings))
	for i := range warnings {
		texts = append(texts, fmt.Sprintf("%s, %s: %s", warnings[i].Reason, e.ago(metav1.NewTime(eventTime(&warnings[i]))),
			strings.Join(lines(warnings[i].Message), " ")))
	}
	return texts
}

func eventTime(e *corev1.Event) time.Time {
	if !e.LastTimestamp.IsZero() {
		return e.LastTimestamp.Time
	}
	return e.EventTime.Time
}

// isReady reports whether a Pod is ready and not being deleted.
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

// lines returns the last non-empty lines of a text.
func lines(text string) []string {
	var all []string
	for line := range strings.Lines(text) {
		if line = strings.TrimSpace(line); line != "" {
			all = append(all, line)
		}
	}
	return all[max(0, len(all)-linesShown):]
}
