// Package prometheus runs a Prometheus that does what the Prometheus operator's objects say. The operator itself only translates them.
package prometheus

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/mediawiki-stack/mediawiki-stack/tests/internal/await"
	"github.com/mediawiki-stack/mediawiki-stack/tests/internal/kube"
	"github.com/mediawiki-stack/mediawiki-stack/tests/internal/node"
)

const port = "9090"

// Server is a running Prometheus.
type Server struct {
	address string
	folder  string
	process *exec.Cmd
}

// Start starts a Prometheus on the cluster's first node, where it reaches Pods. Every two seconds, it scrapes the Pods that the
// specification of a PodMonitor selects, and evaluates the rules in a file. It ends with the test. Only one can run at a time.
func Start(t *testing.T, n *kube.Namespace, spec map[string]any, rules string) *Server {
	t.Helper()
	api, err := url.Parse(n.Config.Host)
	require.NoError(t, err)
	var monitor podMonitor
	text, err := json.Marshal(spec)
	require.NoError(t, err)
	require.NoError(t, json.Unmarshal(text, &monitor))
	s := &Server{address: net.JoinHostPort(api.Hostname(), port), folder: t.TempDir()}
	settings, err := json.Marshal(map[string]any{
		"global":     map[string]string{"scrape_interval": "2s", "scrape_timeout": "2s", "evaluation_interval": "2s"},
		"rule_files": []string{rules},
		"scrape_configs": []map[string]any{{
			"job_name": n.Name, "http_sd_configs": []map[string]string{{"url": monitor.serve(t, n), "refresh_interval": "2s"}},
		}},
	})
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(s.file("prometheus.yml"), settings, 0o600))
	log, err := os.Create(s.file("log"))
	require.NoError(t, err)
	defer log.Close()
	s.process = exec.Command("nsenter", "--net="+node.Network(), //nolint:noctx // ended by stop
		"prometheus", "--config.file="+s.file("prometheus.yml"), "--storage.tsdb.path="+s.file("data"), "--web.listen-address="+s.address)
	s.process.Stdout, s.process.Stderr = log, log
	require.NoError(t, s.process.Start())
	t.Cleanup(func() { s.stop(t) })
	await.Success(t, "Prometheus answers", func() error {
		_, err := s.Query(t, "vector(1)")
		return err
	})
	return s
}

// podMonitor is what this package reads of the specification of a PodMonitor.
type podMonitor struct {
	Selector  metav1.LabelSelector `json:"selector"`
	Endpoints []struct {
		Port        string `json:"port"`
		Path        string `json:"path"`
		Relabelings []struct {
			TargetLabel string `json:"targetLabel"`
			Replacement string `json:"replacement"`
		} `json:"relabelings"`
	} `json:"podMetricsEndpoints"`
}

// targets are Pods' ports with the labels of their time series: https://prometheus.io/docs/prometheus/latest/http_sd/
type targets struct {
	Targets []string          `json:"targets"`
	Labels  map[string]string `json:"labels"`
}

// discover returns the targets that a PodMonitor selects now, as the operator makes Prometheus find them. Debian 12's Prometheus does not
// talk to Kubernetes itself.
func (m *podMonitor) discover(ctx context.Context, n *kube.Namespace) ([]targets, error) {
	pods, err := n.Kube.CoreV1().Pods(n.Name).List(ctx, metav1.ListOptions{LabelSelector: metav1.FormatLabelSelector(&m.Selector)})
	if err != nil {
		return nil, err
	}
	found := []targets{}
	for _, pod := range pods.Items {
		for _, container := range pod.Spec.Containers {
			for _, port := range container.Ports {
				for _, endpoint := range m.Endpoints {
					if endpoint.Port != port.Name || pod.Status.PodIP == "" {
						continue
					}
					labels := map[string]string{"namespace": pod.Namespace, "pod": pod.Name, "__metrics_path__": endpoint.Path}
					for _, label := range endpoint.Relabelings {
						labels[label.TargetLabel] = label.Replacement
					}
					address := net.JoinHostPort(pod.Status.PodIP, strconv.Itoa(int(port.ContainerPort)))
					found = append(found, targets{Targets: []string{address}, Labels: labels})
				}
			}
		}
	}
	return found, nil
}

// serve serves what the PodMonitor selects, and returns the address.
func (m *podMonitor) serve(t *testing.T, n *kube.Namespace) string {
	t.Helper()
	listener := node.Listen(t, n.Config)
	server := &http.Server{ReadHeaderTimeout: time.Second, Handler: http.HandlerFunc(func(out http.ResponseWriter, in *http.Request) {
		found, err := m.discover(in.Context(), n)
		if err != nil {
			http.Error(out, err.Error(), http.StatusInternalServerError)
			return
		}
		out.Header().Set("Content-Type", "application/json")
		_ = json.NewEncoder(out).Encode(found) // it fails only if Prometheus has disconnected
	})}
	go server.Serve(listener) //nolint:errcheck // it ends with the test
	t.Cleanup(func() { _ = server.Close() })
	return "http://" + listener.Addr().String()
}

// Sample is a value of a time series.
type Sample struct {
	Labels map[string]string `json:"metric"`
	Value  [2]any            `json:"value"` // time and value
}

// Query returns the current values of an expression.
func (s *Server) Query(t *testing.T, expression string) ([]Sample, error) {
	t.Helper()
	return ask[Sample](t, s, "query", url.Values{"query": {expression}})
}

// Series are the values of a time series.
type Series struct {
	Labels map[string]string `json:"metric"`
	Values [][2]any          `json:"values"` // times and values
}

// Range returns the values of an expression in a period of time, every two seconds.
func (s *Server) Range(t *testing.T, expression string, from, to time.Time) ([]Series, error) {
	t.Helper()
	return ask[Series](t, s, "query_range", url.Values{
		"query": {expression}, "step": {"2"}, "start": {from.Format(time.RFC3339)}, "end": {to.Format(time.RFC3339)},
	})
}

// ask returns the result of a request to Prometheus' API: https://prometheus.io/docs/prometheus/latest/querying/api/
func ask[T any](t *testing.T, s *Server, what string, parameters url.Values) ([]T, error) {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet,
		"http://"+s.address+"/api/v1/"+what+"?"+parameters.Encode(), nil)
	if err != nil {
		return nil, err
	}
	client := http.Client{Transport: &http.Transport{DisableKeepAlives: true}, Timeout: 10 * time.Second} // and no proxy
	response, err := client.Do(request)
	if err != nil {
		return nil, err
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	if err != nil {
		return nil, err
	}
	var answer struct {
		Error string
		Data  struct{ Result []T }
	}
	if err := json.Unmarshal(text, &answer); err != nil {
		return nil, fmt.Errorf("%w: %s", err, text)
	}
	if answer.Error != "" {
		return nil, fmt.Errorf("%s: %s", parameters.Get("query"), answer.Error)
	}
	return answer.Data.Result, nil
}

// Alerts returns the names of the alerts that fire.
func (s *Server) Alerts(t *testing.T) map[string]bool {
	t.Helper()
	samples, err := s.Query(t, `ALERTS{alertstate="firing"}`)
	require.NoError(t, err)
	names := map[string]bool{}
	for _, sample := range samples {
		names[sample.Labels["alertname"]] = true
	}
	return names
}

// stop ends the process. It prints Prometheus' log if the test has failed.
func (s *Server) stop(t *testing.T) {
	t.Helper()
	require.NoError(t, s.process.Process.Kill())
	_ = s.process.Wait() // it was killed
	if log, err := os.ReadFile(s.file("log")); t.Failed() && err == nil {
		t.Logf("log of Prometheus:\n%s", log)
	}
}

func (s *Server) file(name string) string { return filepath.Join(s.folder, name) }
