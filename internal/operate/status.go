package operate

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"time"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/mediawiki-stack/mediawiki-stack/internal/parts"
)

// metrics are the samples of one Pod, by name and labels as the Pod writes them.
type metrics map[string]float64

// status is what is known of a wiki at a time.
type status struct {
	at         time.Time
	site       *site
	parts      []partStatus
	web, cache []metrics // of the Pods that answered
}

// partStatus counts the Pods of a part.
type partStatus struct {
	part                  parts.Part
	ready, pods, restarts int
	role                  string // of one of two databases
}

// Status shows the wiki's state on one screen: once if interval is 0, and otherwise at each interval until ctx is done. Rates are averages
// since the previous screen; those on the first screen are averages of two seconds.
func (w *Wiki) Status(ctx context.Context, interval time.Duration, show func(screen string)) error {
	const first = 2 * time.Second
	before, err := w.look(ctx)
	if err != nil {
		return err
	}
	for pause := first; ; pause = interval {
		select {
		case <-ctx.Done():
			return nil
		case <-time.After(pause):
		}
		now, err := w.look(ctx)
		if ctx.Err() != nil {
			return nil //nolint:nilerr // the user has interrupted it
		}
		if err != nil {
			return err
		}
		show(now.screen(w, before))
		if interval == 0 {
			return nil
		}
		before = now
	}
}

// look reads the wiki's Pods and their metrics.
func (w *Wiki) look(ctx context.Context) (*status, error) {
	found, err := w.site(ctx)
	if err != nil {
		return nil, err
	}
	s := &status{at: time.Now(), site: found}
	for _, part := range parts.All {
		if len(part.Containers()) == 0 || part.RunsOnce() {
			continue
		}
		pods, err := w.Client.CoreV1().Pods(w.Namespace).List(ctx, metav1.ListOptions{LabelSelector: "app=" + part.Of(w.Name)})
		if err != nil {
			return nil, err
		}
		if len(pods.Items) == 0 && part != parts.Web {
			continue // an external database, or no cache
		}
		state := partStatus{part: part, pods: len(pods.Items)}
		for i := range pods.Items {
			state.add(&pods.Items[i])
			if text := w.scrape(ctx, &pods.Items[i]); part == parts.Web && text != nil {
				s.web = append(s.web, text)
			} else if part == parts.Cache && text != nil {
				s.cache = append(s.cache, text)
			}
		}
		s.parts = append(s.parts, state)
	}
	return s, w.addRoles(ctx, s.parts)
}

// addRoles adds which of two databases is to be the primary.
func (w *Wiki) addRoles(ctx context.Context, list []partStatus) error {
	roles, err := w.Client.CoreV1().ConfigMaps(w.Namespace).Get(ctx, parts.Roles(w.Name), metav1.GetOptions{})
	if apierrors.IsNotFound(err) {
		return nil
	}
	if err != nil {
		return err
	}
	is := map[parts.Part]string{parts.Database: "the primary", parts.Database2: "the replica"}
	if roles.Data[parts.PrimaryKey] == parts.SecondMember {
		is[parts.Database], is[parts.Database2] = is[parts.Database2], is[parts.Database]
	}
	for i := range list {
		list[i].role = is[list[i].part]
	}
	return nil
}

func (p *partStatus) add(pod *corev1.Pod) {
	for _, condition := range pod.Status.Conditions {
		if condition.Type == corev1.PodReady && condition.Status == corev1.ConditionTrue {
			p.ready++
		}
	}
	for _, container := range pod.Status.ContainerStatuses {
		p.restarts += int(container.RestartCount)
	}
}

// scrape returns a Pod's metrics; nil if it has none, or does not answer within five seconds.
func (w *Wiki) scrape(ctx context.Context, pod *corev1.Pod) metrics {
	port, err := strconv.Atoi(pod.Annotations["prometheus.io/port"])
	if err != nil || pod.DeletionTimestamp != nil {
		return nil
	}
	ctx, cancel := context.WithTimeout(ctx, 5*time.Second)
	defer cancel()
	text, err := w.Fetch(ctx, w.Namespace, pod.Name, port, "/metrics")
	if err != nil {
		return nil
	}
	return parseMetrics(string(text))
}

// parseMetrics parses Prometheus' text format, without timestamps.
func parseMetrics(text string) metrics {
	found := metrics{}
	for line := range strings.Lines(text) {
		line = strings.TrimSpace(line)
		i := strings.LastIndexByte(line, ' ')
		if i < 0 || strings.HasPrefix(line, "#") {
			continue
		}
		if value, err := strconv.ParseFloat(line[i+1:], 64); err == nil {
			found[line[:i]] = value
		}
	}
	return found
}

// sum adds up the samples of all Pods whose name and labels begin with one of beginnings.
func sum(pods []metrics, beginnings ...string) float64 {
	total := 0.0
	for _, pod := range pods {
		for sample, value := range pod {
			for _, beginning := range beginnings {
				if strings.HasPrefix(sample, beginning) {
					total += value
				}
			}
		}
	}
	return total
}

// largest returns the largest value of a sample, and whether a Pod has it: Pods report the same values about what they share.
func largest(pods []metrics, sample string) (value float64, found bool) {
	for _, pod := range pods {
		if other, has := pod[sample]; has && (!found || other > value) {
			value, found = other, true
		}
	}
	return value, found
}

// rate returns by how much a sum has grown per second. A Pod that was replaced counts from zero again; the rate is never negative.
func rate(now, before []metrics, seconds float64, beginnings ...string) float64 {
	return max(0, sum(now, beginnings...)-sum(before, beginnings...)) / seconds
}

func (p partStatus) String() string {
	text := fmt.Sprintf("%-12s %d of %d ready", p.part.Component(), p.ready, p.pods)
	if p.role != "" {
		text += ", " + p.role
	}
	if p.restarts > 0 {
		text += fmt.Sprintf(", %d restarts", p.restarts)
	}
	return text
}
