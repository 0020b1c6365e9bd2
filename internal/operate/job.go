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

// Printer shows a line of progress.
type Printer func(line string)

// pollInterval is how often the state of a Job is read, and startTimeout how long its Pod may take to start before that is reported.
const pollInterval, startTimeout = time.Second, 5 * time.Second

// run runs a Job to its end and shows the log of a container. The container reads input, unless that is nil. A Job that succeeds is
// deleted; one that fails is kept, so that its Pod can be examined.
func (w *Wiki) run(ctx context.Context, job *batchv1.Job, container string, show Printer, input *progressReader) error {
	jobs := w.Client.BatchV1().Jobs(w.Namespace)
	job, err := jobs.Create(ctx, job, metav1.CreateOptions{})
	if err != nil {
		return err
	}
	show("Job " + job.Name)
	shown, log := map[string]bool{}, &logReader{show: show, shown: time.Now()}
	report := time.Now().Add(startTimeout)
	err = wait.PollUntilContextCancel(ctx, pollInterval, true, func(ctx context.Context) (bool, error) {
		pods, err := w.Client.CoreV1().Pods(w.Namespace).List(ctx, metav1.ListOptions{LabelSelector: "job-name=" + job.Name})
		if err != nil {
			return false, err
		}
		for i := range pods.Items {
			if pod := &pods.Items[i]; !shown[pod.Name] && hasStarted(pod, container) {
				if len(shown) > 0 {
					show("  its Pod was terminated; the Job continues in another one, " + pod.Name)
				}
				shown[pod.Name] = true
				if err := w.attachAndFollow(ctx, pod.Name, container, log, input); err != nil {
					return false, err
				}
			}
		}
		if len(shown) == 0 && time.Now().After(report) {
			show("  waiting for its Pod to start" + startState(pods.Items))
			report = time.Now().Add(6 * startTimeout)
		}
		current, err := jobs.Get(ctx, job.Name, metav1.GetOptions{})
		if apierrors.IsNotFound(err) {
			return false, interruptedError{"it was deleted"}
		}
		if err != nil {
			return false, err
		}
		return ended(current, pods.Items, container)
	})
	if err != nil {
		return fmt.Errorf("in namespace %s, Job %s: %w", w.Namespace, job.Name, w.explain(ctx, job.Name, err, log, input))
	}
	background := metav1.DeletePropagationBackground
	return jobs.Delete(ctx, job.Name, metav1.DeleteOptions{PropagationPolicy: &background})
}

// startState describes why the last of these Pods has not started yet, if that is known.
func startState(pods []corev1.Pod) string {
	if len(pods) == 0 {
		return ""
	}
	pod := &pods[len(pods)-1]
	for _, condition := range pod.Status.Conditions {
		if condition.Type == corev1.PodScheduled && condition.Status == corev1.ConditionFalse {
			return ": " + condition.Message
		}
	}
	for _, status := range pod.Status.ContainerStatuses {
		if waiting := status.State.Waiting; waiting != nil {
			return ": " + waiting.Reason
		}
	}
	return ""
}

// ended reports whether a Job has succeeded, or returns why it failed.
func ended(job *batchv1.Job, pods []corev1.Pod, container string) (bool, error) {
	for _, condition := range job.Status.Conditions {
		if condition.Status != corev1.ConditionTrue {
			continue
		}
		if condition.Type == batchv1.JobComplete {
			return true, nil
		}
		if condition.Type == batchv1.JobFailed {
			if reason := failure(pods, container); reason != "" {
				return false, failedError{reason}
			}
			return false, interruptedError{condition.Message}
		}
	}
	return false, nil
}

// failure returns the reason that the container gives for its failure, if it gives one. If the container was killed, its termination
// message is just the end of its log.
func failure(pods []corev1.Pod, container string) string {
	for i := range pods {
		for _, status := range pods[i].Status.ContainerStatuses {
			ended := status.State.Terminated
			switch {
			case status.Name != container || ended == nil:
			case ended.Reason == "OOMKilled":
				return "it was killed because it used more memory than its limit"
			case ended.Message != "" && (ended.ExitCode <= signalled || ended.ExitCode > signalled+lastSignal):
				return ended.Message
			}
		}
	}
	return ""
}

// A container that is killed by a signal has the exit code 128 + the signal.
const signalled, lastSignal = 128, 64

func hasStarted(pod *corev1.Pod, container string) bool {
	for _, status := range pod.Status.ContainerStatuses {
		if status.Name == container {
			return status.State.Running != nil || status.State.Terminated != nil
		}
	}
	return false
}

// attachAndFollow sends the input to a container and shows its log until it ends. If the container stops reading, its log says why.
func (w *Wiki) attachAndFollow(ctx context.Context, pod, container string, log *logReader, input *progressReader) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	done := make(chan struct{})
	if input == nil {
		close(done)
	} else {
		go func() {
			defer close(done)
			if err := w.Attach(ctx, w.Namespace, pod, container, input); err != nil && ctx.Err() == nil {
				log.show("  the input was not sent completely: " + err.Error())
			}
		}()
	}
	err := w.follow(ctx, pod, container, log)
	cancel()
	<-done
	return err
}

// follow shows the log of a container until it ends.
func (w *Wiki) follow(ctx context.Context, pod, container string, log *logReader) error {
	options := &corev1.PodLogOptions{Container: container, Follow: true}
	stream, err := w.Client.CoreV1().Pods(w.Namespace).GetLogs(pod, options).Stream(ctx)
	if err != nil {
		return err
	}
	defer stream.Close()
	lines := bufio.NewScanner(stream)
	for lines.Scan() {
		log.line(lines.Text())
	}
	return lines.Err()
}
