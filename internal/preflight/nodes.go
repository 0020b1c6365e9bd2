package preflight

import (
	"cmp"
	"fmt"

	"github.com/mediawiki-stack/mediawiki-stack/components"
	"github.com/mediawiki-stack/mediawiki-stack/internal/config"
)

// checkNodes warns if the node port of some nodes leads nowhere. To preserve readers' addresses, a node forwards only to its own Pods.
func (f *Findings) checkNodes(seen *snapshot, cfg *config.Config) {
	if cfg.Service.Type != components.ServiceNodePort || cfg.Ingress.Enabled {
		return // a load balancer and an ingress controller know which nodes have Pods
	}
	pods, label, more := cfg.Replicas, "mediawiki-app", "replicas"
	switch {
	case cfg.Cache.Enabled && cfg.Wiki.Access != components.AccessPrivate:
		pods, label, more = cmp.Or(cfg.Cache.Replicas, components.Profiles[cfg.Profile].Caches), "mediawiki-cache", "cache.replicas"
	case cfg.Wiki.Uploads.AccessMode == components.ReadWriteOnce:
		pods, more = min(pods, 1), "uploads.accessMode ReadWriteMany and more replicas"
	}
	if pods > 0 && pods < seen.nodes {
		f.Warnings = append(f.Warnings, fmt.Sprintf("the wiki answers on the node port of only %d of the %d nodes, those with a Pod "+
			"labelled app=%s (kubectl get pods -n %s -l app=%s -o wide): make your load balancer or DNS try every node, or set %s",
			pods, seen.nodes, label, cfg.Namespace, label, more))
	}
}
