package wiki

import (
	"net/http"
	"os/exec"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// scrape returns the metrics of each Pod whose annotations ask Prometheus to scrape it, by the Pod's name.
func (w *wiki) scrape(t *testing.T) map[string]string {
	t.Helper()
	pods, err := w.Kube.CoreV1().Pods(w.Name).List(t.Context(), metav1.ListOptions{})
	require.NoError(t, err)
	found := map[string]string{}
	for _, pod := range pods.Items {
		if pod.Annotations["prometheus.io/scrape"] != "true" || pod.DeletionTimestamp != nil {
			continue
		}
		port := pod.Annotations["prometheus.io/port"]
		text, err := w.Kube.CoreV1().Pods(w.Name).ProxyGet("http", pod.Name, port, "/metrics", nil).DoRaw(t.Context())
		require.NoError(t, err, pod.Name)
		found[pod.Name] = string(text)
	}
	return found
}

// value returns the value of a sample, and whether there is one.
func value(text, sample string) (number float64, found bool) {
	match := regexp.MustCompile(`(?m)^` + regexp.QuoteMeta(sample) + ` (\S+)$`).FindStringSubmatch(text)
	if match == nil {
		return 0, false
	}
	number, err := strconv.ParseFloat(match[1], 64)
	return number, err == nil
}

func (w *wiki) metricsAreServed(t *testing.T) {
	response, err := w.anonymous().Get(t.Context(), "/index.php?title=Main_Page&action=info") // no cache answers this
	require.NoError(t, err)
	require.Equal(t, http.StatusOK, response.Status)
	all := w.scrape(t)
	require.Len(t, all, 4, "two web Pods and two caches")
	var pages, answered float64
	for pod, text := range all {
		lint := exec.CommandContext(t.Context(), "promtool", "check", "metrics")
		lint.Stdin = strings.NewReader(text)
		output, err := lint.CombinedOutput()
		require.NoError(t, err, "%s: %s", pod, output)
		if strings.Contains(pod, "-cache-") {
			up, _ := value(text, "mediawiki_cache_up")
			assert.InDelta(t, 1, up, 0, pod)
			threads, _ := value(text, "mediawiki_cache_threads")
			assert.Positive(t, threads, text)
			requests, _ := value(text, "mediawiki_cache_requests_total")
			answered += requests
			continue
		}
		count, _ := value(text, `mediawiki_http_requests_total{kind="page",code="200"}`)
		pages += count
		for _, sample := range []string{
			"mediawiki_database_up", "mediawiki_objectcache_up", "mediawiki_pages", "mediawiki_edits", "mediawiki_database_size_bytes",
			"mediawiki_opcache_scripts", `mediawiki_apcu_memory_bytes{state="used"}`, "mediawiki_migration_timestamp_seconds",
			"mediawiki_uploads_free_bytes", "mediawiki_database_connections",
		} {
			number, found := value(text, sample)
			assert.True(t, found, "%s in %s", sample, text)
			assert.Positive(t, number, sample)
		}
		busy, _ := value(text, `mediawiki_workers{state="busy"}`)
		idle, _ := value(text, `mediawiki_workers{state="idle"}`)
		assert.InDelta(t, 8, busy+idle, 0, "workers of the profile small")
	}
	assert.Positive(t, pages, "pages of all web Pods")
	assert.Positive(t, answered, "requests of both caches")
}

// scrapesAreQuick checks how long Pods take to collect their metrics: the median of twenty-two times, on a machine that does little else.
func (w *wiki) scrapesAreQuick(t *testing.T) {
	var times []float64
	for range 11 {
		for pod, text := range w.scrape(t) {
			if seconds, found := value(text, "mediawiki_metrics_duration_seconds"); found {
				times = append(times, seconds)
			} else {
				assert.Contains(t, pod, "-cache-")
			}
		}
	}
	slices.Sort(times)
	t.Logf("a scrape took %.1f ms (median), %.1f ms (most)", 1000*times[len(times)/2], 1000*times[len(times)-1])
	assert.Less(t, times[len(times)/2], 0.02)
}

func (w *wiki) stateIsShown(t *testing.T) {
	operator, _ := w.operator(t)
	var screen string
	require.NoError(t, operator.Status(t.Context(), 0, func(text string) { screen = text }))
	t.Log("\n" + screen)
	for _, want := range []string{
		"web          2 of 2 ready", "cache        2 of 2 ready", "from the cache", "of 16 busy", "memcached", "connections",
		"the oldest for", "pages", "free on the volume",
	} {
		assert.Contains(t, screen, want)
	}
	var logged []string
	require.NoError(t, operator.Logs(t.Context(), time.Hour, nil, func(line string) { logged = append(logged, line) }))
	last, said := time.Time{}, map[string]int{} // lines by part
	for _, line := range logged {
		first, rest, _ := strings.Cut(line, " ")
		at, err := time.Parse(time.RFC3339Nano, first)
		require.NoError(t, err, line)
		assert.False(t, at.Before(last), line)
		last = at
		part, _, _ := strings.Cut(rest, "/")
		said[part]++
	}
	// The Pods of jobs and caches may have replaced others a moment ago, and have logged nothing yet.
	for _, part := range []string{"web", "migration"} {
		assert.Positive(t, said[part], "lines of %s, of %v", part, said)
	}
}
