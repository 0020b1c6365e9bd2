package config

import (
	"strings"

	"k8s.io/apimachinery/pkg/util/validation"
)

// Monitoring is what Prometheus and Grafana get.
type Monitoring struct {
	Enabled  bool     `config:"monitoring.enabled"`
	Operator bool     `config:"monitoring.operator"`
	Labels   []string `config:"monitoring.labels"` // NAME=VALUE
}

// monitoring checks the labels of the objects for Prometheus.
func (c *checker) monitoring() {
	if !c.cfg.Monitoring.Enabled {
		c.withoutEffect("without monitoring.enabled", "monitoring")
	}
	seen := map[string]bool{}
	for i, label := range c.cfg.Monitoring.Labels {
		name, value, found := strings.Cut(label, "=")
		switch {
		case !found || len(validation.IsQualifiedName(name)) > 0 || len(validation.IsValidLabelValue(value)) > 0:
			c.addItem("monitoring.labels", i, label, "NAME=VALUE, such as release=kube-prom-stack", "")
		case seen[name]:
			c.addItem("monitoring.labels", i, label, "each label once", "")
		}
		seen[name] = true
	}
}
