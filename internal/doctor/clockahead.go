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

	"github.com/mediawiki-stack/mediawiki-stack/internal/cluster"
	"github.com/mediawiki-stack/mediawiki-stack/internal/parts"
)

// Metrics of health/metrics.php: the time of the newest backup, and the backups whose names are times in the future.
var (
	metricTime   = regexp.MustCompile(`(?m)^mediawiki_backup_timestamp_seconds (\d+)$`)
	metricFuture = regexp.MustCompile(`(?m)^mediawiki_backup_in_the_future\{name="([^"]+)"\} 1$`)
)

// backupClock looks for backups that were made while the cluster's clock was ahead: a Raspberry Pi has no clock that runs without power.
func backupClock(ctx context.Context, e *Environment) ([]Finding, error) {
	pods, err := e.Client.CoreV1().Pods(e.Namespace).List(ctx, metav1.ListOptions{LabelSelector: "app=" + parts.Web.Of(e.Name)})
	if err != nil {
		return nil, err
	}
	var metrics []byte
	for i := range pods.Items {
		pod := &pods.Items[i]
		if pod.DeletionTimestamp != nil || pod.Status.Phase == corev1.PodPending {
			continue
		}
		if metrics, err = e.Get(ctx, fmt.Sprintf("/api/v1/namespaces/%s/pods/%s:8081/proxy/metrics", e.Namespace, pod.Name)); err == nil {
			break
		}
	}
	if len(metrics) == 0 {
		return passed("no Pod provides metrics of backups"), nil
	}
	var found []Finding
	if match := metricTime.FindSubmatch(metrics); match != nil {
		seconds, err := strconv.ParseInt(string(match[1]), 10, 64)
		if err != nil {
			return nil, err
		}
		if ahead := time.Unix(seconds, 0).Sub(e.Now); ahead > time.Hour {
			found = append(found, Finding{
				Level: Warning,
				What:  fmt.Sprintf("the newest backup was made %s in the future: the cluster's clock was ahead", ahead.Round(time.Hour)),
				Why:   "the times of edits are wrong, and certificates may seem expired", Fix: cluster.OnTheMachine("timedatectl"),
			})
		}
	}
	var names []string
	for _, name := range metricFuture.FindAllSubmatch(metrics, -1) {
		names = append(names, string(name[1]))
	}
	if len(names) > 0 {
		found = append(found, Finding{
			Level: Warning,
			What:  "the last backup or restore test found backups that are named in the future: " + strings.Join(names, ", "),
			Why: "the clock was ahead when they were made, so their names are wrong. The newest backup is still the one that was made " +
				"last, and these are deleted once there are enough newer ones",
			Fix: cluster.OnTheMachine("timedatectl"),
		})
	}
	return orOK(found, passed("no backup is named in the future")), nil
}
