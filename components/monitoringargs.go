package components

// MonitoringArgs describes what Prometheus and Grafana get beyond the metrics of web Pods, which are always there.
type MonitoringArgs struct {
	// Enabled adds a container with the metrics of Varnish to its Pods, and with Operator the objects below. Defaults to false.
	Enabled bool `pulumi:"enabled,optional"`
	// Operator creates a PodMonitor and a PrometheusRule for the Prometheus operator, and a ConfigMap with a dashboard for Grafana. Without
	// the operator, Prometheus finds the metrics by the annotations prometheus.io/scrape and prometheus.io/port of the Pods.
	// Defaults to true. https://prometheus-operator.dev/docs/api-reference/api/
	Operator *bool `pulumi:"operator,optional"`
	// Labels are the labels by which a Prometheus selects PodMonitors and PrometheusRules. Defaults to "release": "kube-prom-stack", which
	// the Prometheus of microk8s' observability addon selects.
	Labels map[string]string `pulumi:"labels,optional"`
}

func (m *MonitoringArgs) setDefaults() {
	setDefault(&m.Operator, new(true))
	if len(m.Labels) == 0 {
		m.Labels = map[string]string{"release": "kube-prom-stack"}
	}
}
