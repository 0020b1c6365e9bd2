package unit

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/mediawiki-stack/mediawiki-stack/components"
	"github.com/mediawiki-stack/mediawiki-stack/internal/mocks"
)

func monitored(a *components.MediaWikiStackArgs) { a.Monitoring.Enabled = true }

// cacheContainers returns the names of the containers of a Varnish Pod.
func cacheContainers(t *testing.T, r *mocks.Recording) []string {
	t.Helper()
	pod := cachePod(t, r)
	names := make([]string, len(pod.Containers))
	for i, container := range pod.Containers {
		names[i] = container.Name
	}
	return names
}

func TestPrometheusOperatorFindsTheMetrics(t *testing.T) {
	promise(t, wikiArgs(monitored), func(t *testing.T, r *mocks.Recording) {
		for _, kind := range []string{"PodMonitor", "PrometheusRule"} {
			require.NotNil(t, spec(r, kind))
		}
		for _, object := range mocks.All[unstructured.Unstructured](r) {
			assert.Equal(t, "mediawiki-monitoring", object.GetName())
			assert.Equal(t, "kube-prom-stack", object.GetLabels()["release"], "which microk8s' Prometheus selects")
		}
		monitor := spec(r, "PodMonitor")
		assert.Equal(t, map[string]any{"matchLabels": map[string]any{"app.kubernetes.io/instance": "mediawiki"}}, monitor["selector"])
		named := map[string]bool{}
		for _, pod := range r.Pods() {
			for _, container := range pod.Spec.Containers {
				for _, port := range container.Ports {
					named[port.Name] = named[port.Name] || pod.Labels["app.kubernetes.io/instance"] == "mediawiki"
				}
			}
		}
		for _, endpoint := range monitor["podMetricsEndpoints"].([]any) {
			assert.True(t, named[endpoint.(map[string]any)["port"].(string)])
		}
		assert.Equal(t, []string{"varnish", "metrics"}, cacheContainers(t, r))
	})
}

func TestWithoutTheOperatorAnnotationsLeadToTheMetrics(t *testing.T) {
	args := wikiArgs(monitored, func(a *components.MediaWikiStackArgs) { a.Monitoring.Operator = pulumi.BoolRef(false) })
	promise(t, args, func(t *testing.T, r *mocks.Recording) {
		assert.Empty(t, mocks.All[unstructured.Unstructured](r))
		ports := map[string]string{}
		for _, pod := range r.Pods() {
			if pod.Annotations["prometheus.io/scrape"] == "true" {
				ports[pod.Labels["app"]] = pod.Annotations["prometheus.io/port"]
			}
		}
		assert.Equal(t, map[string]string{"mediawiki-app": "8081", "mediawiki-cache": "8084"}, ports)
	})
}

func TestWikiIsNotMonitoredByDefault(t *testing.T) {
	promise(t, wikiArgs(), func(t *testing.T, r *mocks.Recording) {
		assert.Empty(t, mocks.All[unstructured.Unstructured](r))
		assert.Equal(t, []string{"varnish"}, cacheContainers(t, r))
	})
}

func TestDashboardIsForThisWiki(t *testing.T) {
	promise(t, wikiArgs(monitored), func(t *testing.T, r *mocks.Recording) {
		config := get[corev1.ConfigMap](t, r, "mediawiki-monitoring")
		assert.Equal(t, "1", config.Labels["grafana_dashboard"])
		var dashboard struct {
			Title  string
			Panels []struct {
				Title   string
				Targets []struct{ Expr string }
			}
		}
		require.NoError(t, json.Unmarshal([]byte(config.Data["mediawiki-monitoring.json"]), &dashboard))
		assert.Equal(t, "MediaWiki wiki/mediawiki", dashboard.Title)
		require.NotEmpty(t, dashboard.Panels)
		for _, panel := range dashboard.Panels {
			require.NotEmpty(t, panel.Targets, panel.Title)
			for _, target := range panel.Targets {
				assert.Contains(t, target.Expr, `{namespace="wiki",wiki="mediawiki"`, panel.Title)
				assert.NotContains(t, target.Expr, "SELECTOR")
			}
		}
	})
}

// writeRules writes the alerts of a wiki into a folder, as Prometheus reads them, and returns the file.
func writeRules(t *testing.T, folder string, changes ...change) string {
	t.Helper()
	rules := spec(update(t, wikiArgs(append(changes, monitored)...)), "PrometheusRule")
	require.NotNil(t, rules)
	file := filepath.Join(folder, "rules.yaml")
	require.NoError(t, os.WriteFile(file, []byte(text(t, rules)), 0o600)) // JSON is YAML
	return file
}

// promtool runs Prometheus' own checks.
func promtool(t *testing.T, args ...string) {
	t.Helper()
	output, err := exec.CommandContext(t.Context(), "promtool", args...).CombinedOutput()
	require.NoError(t, err, "%s", output)
}

func TestPrometheusAcceptsTheAlerts(t *testing.T) {
	promtool(t, "check", "rules", writeRules(t, t.TempDir()))
}

func TestThereIsNoAlertOnBackupsThatAreOff(t *testing.T) {
	off := func(a *components.MediaWikiStackArgs) { a.Backups.Enabled = pulumi.BoolRef(false) }
	rules, err := os.ReadFile(writeRules(t, t.TempDir(), off))
	require.NoError(t, err)
	assert.NotContains(t, string(rules), "Overdue")
	assert.Contains(t, string(rules), "MediaWikiBackupDamaged")
}
