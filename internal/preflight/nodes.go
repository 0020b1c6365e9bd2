package preflight

import (
	"cmp"
	"fmt"

	"github.com/mediawiki-stack/mediawiki-stack/components"
	"github.com/mediawiki-stack/mediawiki-stack/internal/config"
)

// nodesThatAnswer warns of nodes whose port leads nowhere: to keep readers' addresses, a node passes readers on to its own Pods alone.
func (f *Findings) nodesThatAnswer(seen *cluster, cfg *config.Config) {
	if cfg.ServiceType != components.ServiceNodePort {
		return // a load balancer knows which nodes have Pods
	}
	pods, label, more := cfg.Replicas, "mediawiki-app", "replicas"
	switch {
	case cfg.Cache.Enabled && cfg.Wiki.Access != components.AccessPrivate:
		pods, label, more = cmp.Or(cfg.Cache.Replicas, components.Profiles[cfg.Profile].Caches), "mediawiki-cache", "cache.replicas"
	case cfg.Uploads.AccessMode == components.ReadWriteOnce:
		pods, more = min(pods, 1), "uploads.accessMode ReadWriteMany and more replicas"
	}
	if pods > 0 && pods < seen.nodes {
		f.Warnings = append(f.Warnings, fmt.Sprintf("the wiki answers at the port of %d of the %d nodes, those with a Pod of label app=%s "+
			"(kubectl get pods -n %s -l app=%s -o wide): lead readers to all nodes and let them try another, or set %s",
			pods, seen.nodes, label, cfg.Namespace, label, more))
	}
}
