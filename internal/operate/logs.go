package operate

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/mediawiki-stack/mediawiki-stack/internal/cluster"
	"github.com/mediawiki-stack/mediawiki-stack/internal/parts"
)

// logLines is how many of the last lines of a container's log are read.
const logLines = 50_000

// logLine is a line of a log.
type logLine struct {
	at     time.Time // zero if the line has none
	shown  string    // the time as the kubelet writes it: in RFC 3339, with nanoseconds
	source string    // part, Pod and container
	text   string
}

// Logs shows what all containers of the wiki have logged, as far back as since, in chronological order. names are the names of parts, such
// as "web"; none means all parts. A container that was restarted has two logs: that of its previous run, and the current one.
func (w *Wiki) Logs(ctx context.Context, since time.Duration, names []string, show Printer) error {
	selected, err := selectParts(names)
	if err != nil {
		return err
	}
	var lines []logLine
	var errs []error
	found := false
	for _, part := range selected {
		pods, err := w.Client.CoreV1().Pods(w.Namespace).List(ctx, metav1.ListOptions{LabelSelector: "app=" + part.Of(w.Name)})
		if err != nil {
			return err
		}
		for i := range pods.Items {
			found = true
			more, err := w.podLogs(ctx, part, &pods.Items[i], since)
			lines, errs = append(lines, more...), append(errs, err)
		}
	}
	if !found {
		return &cluster.Error{
			What: fmt.Sprintf("namespace %s has no Pods of these parts of a wiki", w.Namespace),
			Fix:  "kubectl get deployment -A     (lists the namespaces that have a wiki)",
		}
	}
	slices.SortStableFunc(lines, func(a, b logLine) int { return a.at.Compare(b.at) })
	for _, line := range lines {
		show(line.shown + " " + line.source + "  " + line.text)
	}
	return errors.Join(errs...)
}

// selectParts returns the parts with these names or, without names, all parts that have Pods.
func selectParts(names []string) ([]parts.Part, error) {
	var withPods []parts.Part
	known := map[string]parts.Part{}
	for _, part := range parts.All {
		if len(part.Containers()) > 0 {
			withPods = append(withPods, part)
			known[part.Component()] = part
		}
	}
	if len(names) == 0 {
		return withPods, nil
	}
	var selected []parts.Part
	for _, name := range names {
		part, ok := known[strings.ToLower(name)]
		if !ok {
			all := make([]string, len(withPods))
			for i, part := range withPods {
				all[i] = part.Component()
			}
			return nil, fmt.Errorf("a wiki has no part %q with a log; there are %s", name, strings.Join(all, ", "))
		}
		selected = append(selected, part)
	}
	return selected, nil
}

// podLogs returns the lines of a Pod's containers. A container that has not started has none.
func (w *Wiki) podLogs(ctx context.Context, part parts.Part, pod *corev1.Pod, since time.Duration) ([]logLine, error) {
	var lines []logLine
	var errs []error
	for _, status := range slices.Concat(pod.Status.InitContainerStatuses, pod.Status.ContainerStatuses) {
		source := part.Component() + "/" + pod.Name + "/" + status.Name
		for _, previous := range []bool{true, false} {
			if previous && status.LastTerminationState.Terminated == nil || !previous && status.State.Waiting != nil {
				continue
			}
			more, err := w.containerLog(ctx, pod.Name, source, &corev1.PodLogOptions{
				Container: status.Name, Previous: previous, Timestamps: true,
				SinceSeconds: new(max(1, int64(since.Seconds()))), TailLines: new(int64(logLines)),
			})
			if err != nil {
				errs = append(errs, fmt.Errorf("the log of %s: %w", source, err))
			}
			lines = append(lines, more...)
		}
	}
	return lines, errors.Join(errs...)
}

func (w *Wiki) containerLog(ctx context.Context, pod, source string, options *corev1.PodLogOptions) ([]logLine, error) {
	stream, err := w.Client.CoreV1().Pods(w.Namespace).GetLogs(pod, options).Stream(ctx)
	if err != nil {
		return nil, err
	}
	defer stream.Close()
	var lines []logLine
	reader := bufio.NewReader(stream)
	for {
		text, err := reader.ReadString('\n')
		if text != "" {
			shown, text, _ := strings.Cut(strings.TrimRight(text, "\r\n"), " ")
			at, _ := time.Parse(time.RFC3339Nano, shown) // or it is a message of the kubelet
			lines = append(lines, logLine{at: at, shown: shown, source: source, text: text})
		}
		if errors.Is(err, io.EOF) {
			return lines, nil
		}
		if err != nil {
			return lines, err
		}
	}
}
