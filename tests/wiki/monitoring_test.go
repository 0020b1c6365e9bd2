package wiki

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/types"

	"github.com/mediawiki-stack/mediawiki-stack/tests/internal/await"
	"github.com/mediawiki-stack/mediawiki-stack/tests/internal/engine"
	"github.com/mediawiki-stack/mediawiki-stack/tests/internal/kube"
	"github.com/mediawiki-stack/mediawiki-stack/tests/internal/prometheus"
)

var (
	kinds           = schema.GroupVersionResource{Group: "apiextensions.k8s.io", Version: "v1", Resource: "customresourcedefinitions"}
	podMonitors     = schema.GroupVersionResource{Group: "monitoring.coreos.com", Version: "v1", Resource: "podmonitors"}
	prometheusRules = podMonitors.GroupVersion().WithResource("prometheusrules")
)

// defineKinds creates the kinds of objects that the Prometheus operator defines, without their schemas, until the test ends.
func defineKinds(t *testing.T) {
	t.Helper()
	cluster := kube.Open(t, "default")
	for kind, resource := range map[string]schema.GroupVersionResource{"PodMonitor": podMonitors, "PrometheusRule": prometheusRules} {
		name := resource.Resource + "." + resource.Group
		_, err := cluster.Objects.Resource(kinds).Create(t.Context(), &unstructured.Unstructured{Object: map[string]any{
			"apiVersion": kinds.GroupVersion().String(), "kind": "CustomResourceDefinition", "metadata": map[string]any{"name": name},
			"spec": map[string]any{
				"group": resource.Group, "scope": "Namespaced", "names": map[string]any{"kind": kind, "plural": resource.Resource},
				"versions": []any{map[string]any{
					"name": resource.Version, "served": true, "storage": true, "schema": map[string]any{
						"openAPIV3Schema": map[string]any{"type": "object", "x-kubernetes-preserve-unknown-fields": true},
					},
				}},
			},
		}}, metav1.CreateOptions{})
		require.NoError(t, err)
		t.Cleanup(func() {
			assert.NoError(t, cluster.Objects.Resource(kinds).Delete(context.WithoutCancel(t.Context()), name, metav1.DeleteOptions{}))
		})
	}
	await.Success(t, "the API server knows the kinds", func() error {
		_, err := cluster.Objects.Resource(podMonitors).List(t.Context(), metav1.ListOptions{})
		_, ruleErr := cluster.Objects.Resource(prometheusRules).List(t.Context(), metav1.ListOptions{})
		return errors.Join(err, ruleErr)
	})
}

// specOf returns the specification of one of the wiki's objects for the operator.
func (w *wiki) specOf(t *testing.T, resource schema.GroupVersionResource) map[string]any {
	t.Helper()
	object, err := w.Objects.Resource(resource).Namespace(w.Name).Get(t.Context(), "mediawiki-monitoring", metav1.GetOptions{})
	require.NoError(t, err)
	return object.Object["spec"].(map[string]any)
}

// startPrometheus starts a Prometheus that the wiki's objects configure, with one difference: an alert fires when its cause has lasted for
// ten seconds, so that the test need not wait for an hour.
func (w *wiki) startPrometheus(t *testing.T) *prometheus.Server {
	t.Helper()
	rules := w.specOf(t, prometheusRules)
	for _, group := range rules["groups"].([]any) {
		for _, rule := range group.(map[string]any)["rules"].([]any) {
			rule.(map[string]any)["for"] = "10s"
		}
	}
	text, err := json.Marshal(rules)
	require.NoError(t, err)
	file := filepath.Join(t.TempDir(), "rules.yaml")
	require.NoError(t, os.WriteFile(file, text, 0o600))
	return prometheus.Start(t, w.Namespace, w.specOf(t, podMonitors), file)
}

// TestMonitoring monitors a wiki with Prometheus. It runs alone, because the kinds of the operator's objects belong to the whole cluster.
func TestMonitoring(t *testing.T) {
	leaveToTestAll(t)
	defineKinds(t)
	w := newWiki(t, "monitored", engine.Options{Settings: map[string]any{"monitoring": map[string]any{"enabled": true}}})
	defer w.Explain(t)
	w.Up(t)
	w.readOutputs(t)
	w.signIn(t)
	w.works(t)
	t.Run("a scrape takes a worker for less than 20 ms", w.scrapesAreQuick)
	server := w.startPrometheus(t)
	chapter(t, t.Run("each query of the dashboard returns data", func(t *testing.T) { w.dashboardHasData(t, server) }))
	t.Run("nothing fires on a wiki that works", func(t *testing.T) {
		alerts := server.Alerts(t)
		delete(alerts, "MediaWikiVolumeFills") // the volumes are on this machine's disk, which others may fill; promtool tests this alert
		assert.Empty(t, alerts)
	})
	t.Run("what a minute of load does is seen", func(t *testing.T) { w.loadIsSeen(t, server) })
	for _, c := range []struct {
		name, alert, kind, object string
		pods                      int
	}{
		{"memcached is away", "MediaWikiObjectCacheDown", "deployments", "mediawiki-objectcache", 1},
		{"the database is away", "MediaWikiDatabaseDown", "statefulsets", "mediawiki-db", 1},
		{"all web Pods are away", "MediaWikiDown", "deployments", "mediawiki-app", replicas},
	} {
		t.Run("an alert fires while "+c.name+", and ends", func(t *testing.T) {
			w.scale(t, c.kind, c.object, 0)
			await.Success(t, c.alert+" fires", func() error { return fires(server.Alerts(t), c.alert, true) })
			w.scale(t, c.kind, c.object, c.pods)
			await.Success(t, c.alert+" ends", func() error { return fires(server.Alerts(t), c.alert, false) })
		})
	}
}

func fires(alerts map[string]bool, alert string, want bool) error {
	if alerts[alert] != want {
		return fmt.Errorf("the alerts %v fire", alerts)
	}
	return nil
}

// scale sets the number of Pods of a workload, as `kubectl scale` does.
func (w *wiki) scale(t *testing.T, kind, name string, pods int) {
	t.Helper()
	workloads := schema.GroupVersionResource{Group: "apps", Version: "v1", Resource: kind}
	patch := fmt.Appendf(nil, `{"spec":{"replicas":%d}}`, pods)
	_, err := w.Objects.Resource(workloads).Namespace(w.Name).Patch(t.Context(), name, types.MergePatchType, patch,
		metav1.PatchOptions{FieldManager: "kubectl"}, "scale")
	require.NoError(t, err)
}

// dashboard returns the title and the panels of the wiki's dashboard.
func (w *wiki) dashboard(t *testing.T) (string, []prometheus.Panel) {
	t.Helper()
	config, err := w.Kube.CoreV1().ConfigMaps(w.Name).Get(t.Context(), "mediawiki-monitoring", metav1.GetOptions{})
	require.NoError(t, err)
	var dashboard struct {
		Title  string
		Panels []prometheus.Panel
	}
	require.NoError(t, json.Unmarshal([]byte(config.Data["mediawiki-monitoring.json"]), &dashboard))
	require.NotEmpty(t, dashboard.Panels)
	return dashboard.Title, dashboard.Panels
}

// dashboardHasData runs the queries of all panels. It requests what they count: a page that no cache has, and one that does not exist.
func (w *wiki) dashboardHasData(t *testing.T, server *prometheus.Server) {
	_, panels := w.dashboard(t)
	operator, show := w.operator(t)
	require.NoError(t, operator.Backup(t.Context(), show))
	require.NoError(t, operator.Drill(t.Context(), "", show))
	for _, panel := range panels {
		for _, target := range panel.Targets {
			await.Success(t, panel.Title+": "+target.Expr, func() error {
				for _, path := range []string{"/wiki/No_such_page", "/wiki/Main_Page?action=info"} {
					if _, err := w.anonymous().Get(t.Context(), path); err != nil {
						return err
					}
				}
				samples, err := server.Query(t, target.Expr)
				if err == nil && len(samples) == 0 {
					err = errors.New("no data")
				}
				return err
			})
		}
	}
}

// loadIsSeen reads and edits until Prometheus has counted the edits of a minute, and with -update draws what it has seen for docs/images.
func (w *wiki) loadIsSeen(t *testing.T, server *prometheus.Server) {
	begun := time.Now()
	l := w.startLoad(t, "monitored")
	await.Success(t, "Prometheus has counted 60 edits", func() error {
		samples, err := server.Query(t, fmt.Sprintf("delta(max(mediawiki_edits)[%ds:2s]) >= 60", int(time.Since(begun).Seconds())+2))
		if err == nil && len(samples) == 0 {
			err = fmt.Errorf("not yet, after %d", len(l.texts()))
		}
		return err
	})
	l.endWithoutFailure(t)
	title, panels := w.dashboard(t)
	drawing := server.Draw(t, title, panels, begun, time.Now())
	assert.Equal(t, len(panels), strings.Count(drawing, `class="title"`), "panels")
	if *update {
		require.NoError(t, os.WriteFile("../../docs/images/dashboard.svg", []byte(drawing), 0o600))
	}
}
