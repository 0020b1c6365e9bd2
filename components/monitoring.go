package components

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/pulumi/pulumi-kubernetes/sdk/v4/go/kubernetes"
	"github.com/pulumi/pulumi-kubernetes/sdk/v4/go/kubernetes/apiextensions"
	corev1 "github.com/pulumi/pulumi-kubernetes/sdk/v4/go/kubernetes/core/v1"
	metav1 "github.com/pulumi/pulumi-kubernetes/sdk/v4/go/kubernetes/meta/v1"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	"github.com/robfig/cron/v3"
	"gopkg.in/yaml.v3"

	"github.com/mediawiki-stack/mediawiki-stack/internal/parts"
)

// prometheusOperator is the API version of the Prometheus operator's objects.
const prometheusOperator = "monitoring.coreos.com/v1"

// monitoring is the part that tells Prometheus where the wiki has metrics and what to alert on, and Grafana what to draw.
type monitoring struct{ pulumi.ResourceState }

// newMonitoring creates the part if the wiki has Monitoring.Enabled and Monitoring.Operator.
func newMonitoring(ctx *pulumi.Context, w *wiki) error {
	if !w.args.Monitoring.Enabled || !*w.args.Monitoring.Operator {
		return nil
	}
	m := &monitoring{}
	if err := w.register(ctx, parts.Monitoring, m); err != nil {
		return err
	}
	name, child := parts.Monitoring.Of(w.name), w.childOf(m)
	for kind, spec := range map[string]pulumi.Input{"PodMonitor": podMonitorSpec(w), "PrometheusRule": w.rules()} {
		if _, err := apiextensions.NewCustomResource(ctx, name, &apiextensions.CustomResourceArgs{
			ApiVersion: pulumi.String(prometheusOperator), Kind: pulumi.String(kind),
			Metadata: w.monitoringMetadata(name, w.args.Monitoring.Labels), OtherFields: kubernetes.UntypedArgs{"spec": spec},
		}, child...); err != nil {
			return err
		}
	}
	// Grafana's sidecar looks for this label: https://github.com/kiwigrid/k8s-sidecar
	if _, err := corev1.NewConfigMap(ctx, name, &corev1.ConfigMapArgs{
		Metadata: w.monitoringMetadata(name, map[string]string{"grafana_dashboard": "1"}),
		Data:     pulumi.StringMap{name + ".json": w.dashboard()},
	}, child...); err != nil {
		return err
	}
	return ctx.RegisterResourceOutputs(m, pulumi.Map{})
}

func (w *wiki) monitoringMetadata(name string, labels map[string]string) *metav1.ObjectMetaArgs {
	metadata := w.stableMetadata(name, skipAwait())
	metadata.Labels = pulumi.ToStringMap(labels)
	return metadata
}

// podMonitorSpec selects all Pods of the wiki; those without a port of these names have no metrics. The label "wiki" tells wikis of one
// namespace apart.
func podMonitorSpec(w *wiki) pulumi.Map {
	endpoint := func(port string) pulumi.Map {
		return pulumi.Map{
			"port": pulumi.String(port), "path": pulumi.String("/metrics"), "interval": pulumi.String("30s"),
			"relabelings": pulumi.Array{pulumi.StringMap{"targetLabel": pulumi.String("wiki"), "replacement": pulumi.String(w.name)}},
		}
	}
	return pulumi.Map{
		"selector":            pulumi.Map{"matchLabels": pulumi.StringMap{labelInstance: pulumi.String(w.name)}},
		"podMetricsEndpoints": pulumi.Array{endpoint("health"), endpoint("metrics")},
	}
}

// rules returns the alerts as the spec of a PrometheusRule.
func (w *wiki) rules() pulumi.Output {
	return pulumi.All(w.namespace, w.args.Backups.Schedule, w.args.Backups.DrillSchedule).ApplyT(func(all []any) (map[string]any, error) {
		text := filled(monitoringFile("rules.yaml"), all[0].(string), w.name)
		for word, schedule := range map[string]string{"BACKUPS": all[1].(string), "DRILLS": all[2].(string)} {
			longest, err := longestPause(schedule)
			if err != nil {
				return nil, err
			}
			text = strings.ReplaceAll(text, word, fmt.Sprint(int(longest.Seconds())))
		}
		var rules struct {
			Groups []struct {
				Name  string           `yaml:"name"`
				Rules []map[string]any `yaml:"rules"`
			} `yaml:"groups"`
		}
		if err := yaml.Unmarshal([]byte(text), &rules); err != nil {
			return nil, err
		}
		groups := make([]any, len(rules.Groups))
		for i, group := range rules.Groups {
			list := slices.DeleteFunc(group.Rules, func(rule map[string]any) bool {
				return !*w.args.Backups.Enabled && strings.HasSuffix(fmt.Sprint(rule["alert"]), "Overdue")
			})
			groups[i] = map[string]any{"name": group.Name, "rules": list}
		}
		return map[string]any{"groups": groups}, nil
	})
}

// filled replaces the words that stand for a wiki in queries.
func filled(text, namespace, name string) string {
	return strings.NewReplacer(
		"SELECTOR", fmt.Sprintf("namespace=%q,wiki=%q", namespace, name),
		"CLAIMS", fmt.Sprintf(`namespace=%q,persistentvolumeclaim=~"%s-.*"`, namespace, name),
	).Replace(text)
}

// longestPause returns how old the last run of a schedule may become: the longest time between two runs within a year, plus two hours for
// a run that starts late or takes long.
func longestPause(schedule string) (time.Duration, error) {
	times, err := cron.ParseStandard(schedule)
	if err != nil {
		return 0, err
	}
	longest := time.Duration(0)
	start := time.Date(2028, time.January, 1, 0, 0, 0, 0, time.UTC) // a leap year
	for last := times.Next(start); last.Sub(start) < 366*24*time.Hour && !last.IsZero(); {
		next := times.Next(last)
		longest = max(longest, next.Sub(last))
		last = next
	}
	return longest + 2*time.Hour, nil
}

// dashboard returns a dashboard for Grafana: https://grafana.com/docs/grafana/latest/dashboards/build-dashboards/view-dashboard-json-model/
func (w *wiki) dashboard() pulumi.StringOutput {
	return w.namespace.ToStringOutput().ApplyT(func(namespace string) (string, error) {
		var panels []panel
		if err := yaml.Unmarshal([]byte(filled(monitoringFile("dashboard.yaml"), namespace, w.name)), &panels); err != nil {
			return "", err
		}
		drawn := make([]map[string]any, len(panels))
		for i, panel := range panels {
			drawn[i] = panel.json(i)
		}
		text, err := json.MarshalIndent(map[string]any{
			"title": fmt.Sprintf("MediaWiki %s/%s", namespace, w.name), "tags": []string{"mediawiki"}, "schemaVersion": 39,
			"time": map[string]string{"from": "now-6h", "to": "now"}, "refresh": "1m", "panels": drawn,
			"templating": map[string]any{"list": []map[string]any{{"name": "datasource", "type": "datasource", "query": "prometheus"}}},
		}, "", " ")
		return string(text), err
	}).(pulumi.StringOutput)
}

// panel is an entry of dashboard.yaml.
type panel struct {
	Title   string            `yaml:"title"`
	Unit    string            `yaml:"unit"`    // of Grafana, such as "s" or "bytes"
	Queries map[string]string `yaml:"queries"` // by their legends
}

// json returns the panel in Grafana's JSON model. Two panels fill a row.
func (p panel) json(i int) map[string]any {
	targets := make([]map[string]any, 0, len(p.Queries))
	for _, legend := range slices.Sorted(maps.Keys(p.Queries)) {
		targets = append(targets, map[string]any{
			"refId": string(rune('A' + len(targets))), "expr": p.Queries[legend], "legendFormat": legend,
		})
	}
	return map[string]any{
		"id": i + 1, "type": "timeseries", "title": p.Title, "targets": targets,
		"datasource":  map[string]string{"type": "prometheus", "uid": "${datasource}"},
		"fieldConfig": map[string]any{"defaults": map[string]any{"unit": p.Unit, "min": 0}, "overrides": []any{}},
		"gridPos":     map[string]int{"x": i % 2 * 12, "y": i / 2 * 8, "w": 12, "h": 8},
	}
}
