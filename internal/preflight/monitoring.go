package preflight

import (
	"context"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/client-go/dynamic"

	"github.com/mediawiki-stack/mediawiki-stack/internal/cluster"
	"github.com/mediawiki-stack/mediawiki-stack/internal/config"
)

// podMonitors belong to the Prometheus operator.
var podMonitors = schema.GroupVersionResource{Group: "monitoring.coreos.com", Version: "v1", Resource: "podmonitors"}

// checkMonitoring refuses objects for the Prometheus operator if the cluster has no such operator.
func (f *Findings) checkMonitoring(ctx context.Context, client dynamic.Interface, cfg *config.Config) error {
	if !cfg.Monitoring.Enabled || !cfg.Monitoring.Operator {
		return nil
	}
	_, err := client.Resource(podMonitors).Namespace(cfg.Namespace).List(ctx, metav1.ListOptions{Limit: 1})
	if !apierrors.IsNotFound(err) {
		return err
	}
	f.Problems = append(f.Problems, config.Problem{
		Key: "monitoring.operator", Found: "true, but the cluster has no Prometheus operator",
		Want: "the operator, or false if Prometheus finds Pods by their annotations",
		Fix: cluster.OnTheMachine("microk8s enable observability") +
			"\n    or: pulumi config set --path monitoring.operator false",
	})
	return nil
}
