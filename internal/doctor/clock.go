package doctor

import (
	"context"
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// What metrics.php says of the time of the newest backup, and of backups whose names are times to come.
var (
	metricTime   = regexp.MustCompile(`(?m)^mediawiki_backup_timestamp_seconds (\d+)$`)
	metricFuture = regexp.MustCompile(`(?m)^mediawiki_backup_in_the_future\{name="([^"]+)"\} 1$`)
)

// backupClock looks for backups that were made while the cluster's clock was ahead: a Raspberry Pi has none that runs on without power.
func backupClock(ctx context.Context, p *Patient) ([]Finding, error) {
	pods, err := p.Client.CoreV1().Pods(p.Namespace).List(ctx, metav1.ListOptions{LabelSelector: "app=" + p.Name + "-app"})
	if err != nil {
		return nil, err
	}
	var metrics []byte
	for i := range pods.Items {
		pod := &pods.Items[i]
		if pod.DeletionTimestamp != nil || pod.Status.Phase == corev1.PodPending {
			continue
		}
		if metrics, err = p.Get(ctx, fmt.Sprintf("/api/v1/namespaces/%s/pods/%s:8081/proxy/metrics", p.Namespace, pod.Name)); err == nil {
			break
		}
	}
	if len(metrics) == 0 {
		return fine("no Pod tells when backups were made"), nil
	}
	var found []Finding
	if at := metricTime.FindSubmatch(metrics); at != nil {
		seconds, err := strconv.ParseInt(string(at[1]), 10, 64)
		if err != nil {
			return nil, err
		}
		if ahead := time.Unix(seconds, 0).Sub(p.Now); ahead > time.Hour {
			found = append(found, Finding{
				Level: Warning,
				What:  fmt.Sprintf("the newest backup was made %s from now: the cluster's clock is ahead", ahead.Round(time.Hour)),
				Why:   "times of edits are wrong, and certificates may count as expired", Type: onTheMachine("timedatectl"),
			})
		}
	}
	var names []string
	for _, name := range metricFuture.FindAllSubmatch(metrics, -1) {
		names = append(names, string(name[1]))
	}
	if len(names) > 0 {
		found = append(found, Finding{
			Level: Warning, What: "the last backup or drill found backups that are named in the future: " + strings.Join(names, ", "),
			Why: "the clock was ahead when they were made; what they are named after did not happen then. The newest backup is still the " +
				"one that was made last, and these are deleted when there are enough newer ones",
			Type: onTheMachine("timedatectl"),
		})
	}
	return worst(found, fine("no backup is named in the future")), nil
}
