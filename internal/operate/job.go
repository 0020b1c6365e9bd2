package operate

import (
	"bufio"
	"context"
	"fmt"
	"time"

	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/wait"
)

// Printer shows a line of what is happening.
type Printer func(line string)

// every is how often a Job is looked at.
const every = time.Second

// run runs a Job to its end, and shows what a container of it says. The container reads input, if that is not nil. A Job that has ended
// is deleted, unless it failed: its Pod is there to be looked at.
func (w *Wiki) run(ctx context.Context, job *batchv1.Job, container string, show Printer, input *counted) error {
	jobs := w.Client.BatchV1().Jobs(w.Namespace)
	job, err := jobs.Create(ctx, job, metav1.CreateOptions{})
	if err != nil {
		return err
	}
	show("Job " + job.Name)
	shown, said := map[string]bool{}, &heard{show: show}
	err = wait.PollUntilContextCancel(ctx, every, true, func(ctx context.Context) (bool, error) {
		pods, err := w.Client.CoreV1().Pods(w.Namespace).List(ctx, metav1.ListOptions{LabelSelector: "job-name=" + job.Name})
		if err != nil {
			return false, err
		}
		for i := range pods.Items {
			if pod := &pods.Items[i]; !shown[pod.Name] && hasStarted(pod, container) {
				if len(shown) > 0 {
					show("  its Pod was ended from outside; the Job goes on in another, " + pod.Name)
				}
				shown[pod.Name] = true
				if err := w.converse(ctx, pod.Name, container, said, input); err != nil {
					return false, err
				}
			}
		}
		now, err := jobs.Get(ctx, job.Name, metav1.GetOptions{})
		if apierrors.IsNotFound(err) {
			return false, interruptedError{"it was deleted"}
		}
		if err != nil {
			return false, err
		}
		return ended(now, pods.Items, container)
	})
	if err != nil {
		return fmt.Errorf("in namespace %s, Job %s: %w", w.Namespace, job.Name, w.explain(ctx, job.Name, err, said, input))
	}
	background := metav1.DeletePropagationBackground
	return jobs.Delete(ctx, job.Name, metav1.DeleteOptions{PropagationPolicy: &background})
}

// ended tells whether a Job has succeeded, or returns why it failed.
func ended(job *batchv1.Job, pods []corev1.Pod, container string) (bool, error) {
	for _, condition := range job.Status.Conditions {
		if condition.Status != corev1.ConditionTrue {
			continue
		}
		if condition.Type == batchv1.JobComplete {
			return true, nil
		}
		if condition.Type == batchv1.JobFailed {
			if words := lastWords(pods, container); words != "" {
				return false, failedError{words}
			}
			return false, interruptedError{condition.Message}
		}
	}
	return false, nil
}

// lastWords are what the container said of why it failed, if it came to that. Of one that was killed Kubernetes keeps the end of its log.
func lastWords(pods []corev1.Pod, container string) string {
	for i := range pods {
		for _, status := range pods[i].Status.ContainerStatuses {
			ended := status.State.Terminated
			switch {
			case status.Name != container || ended == nil:
			case ended.Reason == "OOMKilled":
				return "it was killed because it had used all its memory"
			case ended.Message != "" && (ended.ExitCode <= signalled || ended.ExitCode > signalled+lastSignal):
				return ended.Message
			}
		}
	}
	return ""
}

// Exit codes between these are of a container that a signal has ended.
const signalled, lastSignal = 128, 64

func hasStarted(pod *corev1.Pod, container string) bool {
	for _, status := range pod.Status.ContainerStatuses {
		if status.Name == container {
			return status.State.Running != nil || status.State.Terminated != nil
		}
	}
	return false
}

// converse shows what a container says until it ends, and gives it what it reads. If it does not read on, its own words say why.
func (w *Wiki) converse(ctx context.Context, pod, container string, said *heard, input *counted) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	done := make(chan struct{})
	if input == nil {
		close(done)
	} else {
		go func() {
			defer close(done)
			if err := w.Attach(ctx, w.Namespace, pod, container, input); err != nil && ctx.Err() == nil {
				said.show("  not all was sent: " + err.Error())
			}
		}()
	}
	err := w.follow(ctx, pod, container, said)
	cancel()
	<-done
	return err
}

// follow shows what a container says until it ends.
func (w *Wiki) follow(ctx context.Context, pod, container string, said *heard) error {
	options := &corev1.PodLogOptions{Container: container, Follow: true}
	stream, err := w.Client.CoreV1().Pods(w.Namespace).GetLogs(pod, options).Stream(ctx)
	if err != nil {
		return err
	}
	defer stream.Close()
	lines := bufio.NewScanner(stream)
	for lines.Scan() {
		said.line(lines.Text())
	}
	return lines.Err()
}
