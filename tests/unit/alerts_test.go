package unit

import (
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"gopkg.in/yaml.v3"
)

// hours is how long an alert test lasts: longer than the longest time that an alert waits.
const hours = 8

// healthy are metrics of a wiki that works, in the notation of promtool: the first value, and the change per minute. Times are relative to
// the beginning of the test, which is the Unix epoch.
var healthy = map[string]string{
	`mediawiki_info{}`: "1+0x480",
	`mediawiki_http_requests_total{kind="page",code="200"}`:                      "0+600x480",
	`mediawiki_http_requests_total{kind="page",code="500"}`:                      "0+1x480",
	`mediawiki_http_request_duration_seconds_bucket{kind="page",le="0.5"}`:       "0+600x480",
	`mediawiki_http_request_duration_seconds_bucket{kind="page",le="10"}`:        "0+601x480",
	`mediawiki_http_request_duration_seconds_bucket{kind="page",le="+Inf"}`:      "0+601x480",
	`mediawiki_workers{state="idle"}`:                                            "4+0x480",
	`mediawiki_workers_queue{}`:                                                  "0+0x480",
	`mediawiki_read_only{}`:                                                      "0+0x480",
	`mediawiki_restore_interrupted{}`:                                            "0+0x480",
	`mediawiki_database_up{}`:                                                    "1+0x480",
	`mediawiki_database_replica_up{}`:                                            "1+0x480",
	`mediawiki_database_replica_lag_seconds{}`:                                   "1+0x480",
	`mediawiki_database_synchronous{}`:                                           "1+0x480",
	`mediawiki_objectcache_up{}`:                                                 "1+0x480",
	`mediawiki_jobs_oldest_age_seconds{}`:                                        "20+0x480",
	`mediawiki_backup_timestamp_seconds{}`:                                       "-60000+0x480",
	`mediawiki_drill_timestamp_seconds{}`:                                        "-500000+0x480",
	`mediawiki_migration_timestamp_seconds{}`:                                    "-9000000+0x480",
	`mediawiki_uploads_free_bytes{}`:                                             "8000000000-1000x480",
	`mediawiki_certificate_expiry_timestamp_seconds{}`:                           "5000000+0x480",
	`kubelet_volume_stats_available_bytes{persistentvolumeclaim="mediawiki-db"}`: "8000000000-1000x480",
}

// causes are the metrics that differ from the healthy ones when an alert has to fire; "" is a metric that is missing. Each alert may have
// several causes.
var causes = []struct {
	alert   string
	metrics map[string]string
}{
	{"MediaWikiDown", map[string]string{`mediawiki_info{}`: "1+0x60"}},
	{"MediaWikiErrors", map[string]string{`mediawiki_http_requests_total{kind="page",code="500"}`: "0+60x480"}},
	{"MediaWikiSlow", map[string]string{`mediawiki_http_request_duration_seconds_bucket{kind="page",le="0.5"}`: "0+300x480"}},
	{"MediaWikiWorkersBusy", map[string]string{`mediawiki_workers{state="idle"}`: "0+0x480", `mediawiki_workers_queue{}`: "3+0x480"}},
	{"MediaWikiReadOnly", map[string]string{`mediawiki_read_only{}`: "1+0x480"}},
	{"MediaWikiReadOnly", map[string]string{`mediawiki_restore_interrupted{}`: "1+0x480"}},
	{"MediaWikiDatabaseDown", map[string]string{`mediawiki_database_up{}`: "0+0x480"}},
	{"MediaWikiReplicaBehind", map[string]string{`mediawiki_database_replica_up{}`: "0+0x480"}},
	{"MediaWikiReplicaBehind", map[string]string{`mediawiki_database_replica_lag_seconds{}`: "90+0x480"}},
	{"MediaWikiReplicaBehind", map[string]string{`mediawiki_database_synchronous{}`: "0+0x480"}},
	{"MediaWikiObjectCacheDown", map[string]string{`mediawiki_objectcache_up{}`: "0+0x480"}},
	{"MediaWikiJobsStuck", map[string]string{`mediawiki_jobs_oldest_age_seconds{}`: "20+60x480"}},
	{"MediaWikiBackupOverdue", map[string]string{`mediawiki_backup_timestamp_seconds{}`: "-90000+0x480"}},
	{"MediaWikiBackupOverdue", map[string]string{`mediawiki_backup_timestamp_seconds{}`: ""}},
	{"MediaWikiDrillOverdue", map[string]string{`mediawiki_drill_timestamp_seconds{}`: "-600000+0x480"}},
	{"MediaWikiDrillOverdue", map[string]string{`mediawiki_drill_timestamp_seconds{}`: ""}},
	{"MediaWikiBackupDamaged", map[string]string{`mediawiki_backup_damaged{name="20261101T031700Z"}`: "1+0x480"}},
	{"MediaWikiVolumeFills", map[string]string{`mediawiki_uploads_free_bytes{}`: "8000000000-6000000x480"}},
	{"MediaWikiVolumeFills", map[string]string{
		`kubelet_volume_stats_available_bytes{persistentvolumeclaim="mediawiki-db"}`: "8000000000-6000000x480",
	}},
	{"MediaWikiCertificateExpires", map[string]string{`mediawiki_certificate_expiry_timestamp_seconds{}`: "1000000+0x480"}},
}

// ruleTest is an entry of "tests" in a file for promtool: https://prometheus.io/docs/prometheus/latest/configuration/unit_testing_rules/
type ruleTest struct {
	Name     string              `yaml:"name"`
	Interval string              `yaml:"interval"`
	Input    []map[string]string `yaml:"input_series"`
	Queries  []map[string]any    `yaml:"promql_expr_test"`
}

// newRuleTest returns a test that expects one alert and no other after hours with these metrics, or none if alert is empty.
func newRuleTest(name, alert string, metrics map[string]string) ruleTest {
	test := ruleTest{Name: name, Interval: "1m"}
	for _, series := range slices.Sorted(maps.Keys(metrics)) {
		if metrics[series] != "" {
			labelled := strings.Replace(strings.Replace(series, "{", `{namespace="wiki",wiki="mediawiki",`, 1), ",}", "}", 1)
			test.Input = append(test.Input, map[string]string{"series": labelled, "values": metrics[series]})
		}
	}
	samples := []map[string]any{}
	if alert != "" {
		samples = append(samples, map[string]any{"labels": fmt.Sprintf(`{alertname=%q}`, alert), "value": 1})
	}
	test.Queries = []map[string]any{{
		"expr":      `count by (alertname) (ALERTS{alertstate="firing"})`,
		"eval_time": fmt.Sprintf("%dh", hours), "exp_samples": samples,
	}}
	return test
}

func TestEachAlertFiresOnItsCauseAndOnNothingElse(t *testing.T) {
	folder := t.TempDir()
	tests := make([]ruleTest, 0, 1+len(causes))
	tests = append(tests, newRuleTest("a wiki that works", "", healthy))
	tested := map[string]bool{}
	for i, cause := range causes {
		metrics := maps.Clone(healthy)
		maps.Copy(metrics, cause.metrics)
		tests = append(tests, newRuleTest(fmt.Sprintf("%s %d", cause.alert, i), cause.alert, metrics))
		tested[cause.alert] = true
	}
	file, err := yaml.Marshal(map[string]any{
		"rule_files": []string{writeRules(t, folder)}, "evaluation_interval": "5m", "tests": tests,
	})
	require.NoError(t, err)
	path := filepath.Join(folder, "tests.yaml")
	require.NoError(t, os.WriteFile(path, file, 0o600))
	promtool(t, "test", "rules", path)
	for _, group := range spec(update(t, wikiArgs(monitored)), "PrometheusRule")["groups"].([]any) {
		for _, rule := range group.(map[string]any)["rules"].([]any) {
			alert := rule.(map[string]any)["alert"].(string)
			require.True(t, tested[alert], "%s has no cause here", alert)
		}
	}
}
