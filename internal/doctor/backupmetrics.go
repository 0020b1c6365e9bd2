package doctor

import (
	"context"
	"net/url"
	"regexp"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/mediawiki-stack/mediawiki-stack/internal/parts"
)

// Metrics of health/metrics.php: the time of the newest backup, the backups whose names are times in the future, and the damaged ones.
var (
	metricTime    = regexp.MustCompile(`(?m)^mediawiki_backup_timestamp_seconds (\d+)$`)
	metricFuture  = regexp.MustCompile(`(?m)^mediawiki_backup_in_the_future\{name="([^"]+)"\} 1$`)
	metricDamaged = regexp.MustCompile(`(?m)^mediawiki_backup_damaged\{name="([^"]+)"\} 1$`)
)

// backupMetrics returns the metrics of backups, as a web Pod has them; nothing if no Pod provides them.
func (e *Environment) backupMetrics(ctx context.Context) ([]byte, error) {
	pods, err := e.Client.CoreV1().Pods(e.Namespace).List(ctx, metav1.ListOptions{LabelSelector: "app=" + parts.Web.Of(e.Name)})
	if err != nil {
		return nil, err
	}
	for i := range pods.Items {
		pod := &pods.Items[i]
		if pod.DeletionTimestamp != nil || pod.Status.Phase == corev1.PodPending {
			continue
		}
		metrics, err := e.Fetch(ctx, pod.Name, parts.HealthPort, "/metrics")
		if err == nil {
			return metrics, nil
		}
	}
	return nil, nil
}

// names returns the names in a metric that has a line for each of some backups.
func names(metrics []byte, metric *regexp.Regexp) []string {
	matches := metric.FindAllSubmatch(metrics, -1)
	found := make([]string, 0, len(matches))
	for _, match := range matches {
		name := string(match[1])
		if decoded, err := url.PathUnescape(name); err == nil {
			name = decoded
		}
		found = append(found, name)
	}
	return found
}
