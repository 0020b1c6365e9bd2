package preflight

import (
	"fmt"
	"slices"
	"strings"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/mediawiki-stack/mediawiki-stack/internal/admission"
	"github.com/mediawiki-stack/mediawiki-stack/internal/choices"
	"github.com/mediawiki-stack/mediawiki-stack/internal/config"
	"github.com/mediawiki-stack/mediawiki-stack/internal/sizes"
)

// checkStorageOfNodes refuses a cluster of nodes that do not report their ephemeral storage, because every Pod requests some.
func (f *Findings) checkStorageOfNodes(seen *snapshot, cfg *config.Config) {
	if len(seen.unsized) == 0 || len(seen.unsized) < seen.nodes {
		return // the scheduler uses the others
	}
	f.Problems = append(f.Problems, config.Problem{
		Key: "context",
		Found: fmt.Sprintf("%q, whose nodes do not report how much ephemeral storage they have (%s)",
			cfg.Context, strings.Join(seen.unsized, ", ")),
		Want: "nodes that report it, which is the default: the wiki's Pods request some, and would stay pending",
		Fix: "make up     (on the embedded cluster; elsewhere, remove localStorageCapacityIsolation from the kubelet's configuration, " +
			"and restart the kubelet)",
	})
}

// checkNodes warns if the wiki does not answer on the node port of some nodes. To preserve readers' addresses, a node forwards only to its
// own Pods.
func (f *Findings) checkNodes(seen *snapshot, cfg *config.Config) {
	if cfg.Service.Type != choices.ServiceNodePort || cfg.Ingress.Enabled {
		return // a load balancer and an ingress controller know which nodes have Pods
	}
	wiki := sizes.Of(cfg)
	pods, label, more := cfg.LeastReplicas(), "mediawiki-app", "replicas"
	switch {
	case wiki.Cached():
		pods, label, more = wiki.Cache.Replicas, "mediawiki-cache", "cache.replicas"
	case cfg.Wiki.Uploads.AccessMode == choices.ReadWriteOnce:
		pods, more = min(pods, 1), "uploads.accessMode ReadWriteMany and more replicas"
	}
	if pods > 0 && pods < seen.nodes {
		f.Warnings = append(f.Warnings, fmt.Sprintf("the wiki answers on the node port of only %d of the %d nodes, those with a Pod "+
			"labelled app=%s (kubectl get pods -n %s -l app=%s -o wide): make your load balancer or DNS try every node, or set %s",
			pods, seen.nodes, label, cfg.Namespace, label, more))
	}
}

// ready reports whether a node is ready. A node without that condition counts as ready.
func ready(node *corev1.Node) bool {
	return !slices.ContainsFunc(node.Status.Conditions, func(c corev1.NodeCondition) bool {
		return c.Type == corev1.NodeReady && c.Status != corev1.ConditionTrue
	})
}

// warnOfLostNodes warns of Pods that Kubernetes does not replace while their nodes do not answer: those of StatefulSets.
func (f *Findings) warnOfLostNodes(seen *snapshot) {
	for _, node := range seen.lost {
		var waiting []string
		for i := range seen.pods {
			pod := &seen.pods[i]
			_, stuck := admission.Stuck(pod, "", time.Now()) // has a warning of its own
			ofSet := slices.ContainsFunc(pod.OwnerReferences, func(o metav1.OwnerReference) bool { return o.Kind == "StatefulSet" })
			if pod.Spec.NodeName == node && ofSet && stuck == "" {
				waiting = append(waiting, pod.Name)
			}
		}
		if len(waiting) > 0 {
			slices.Sort(waiting)
			f.Warnings = append(f.Warnings, fmt.Sprintf("node %s is not ready: an update that changes %s waits in vain, because "+
				"Kubernetes does not replace it before the node is back or declared to be off\n  fix: %s", node,
				strings.Join(waiting, ", "), strings.ReplaceAll(admission.OutOfService(node), "\n", "\n       ")))
		}
	}
}
