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

// podMetrics is the resource that reports how much Pods use. metrics-server serves it, or another server of the same API.
var podMetrics = schema.GroupVersionResource{Group: "metrics.k8s.io", Version: "v1beta1", Resource: "pods"}

// checkAutoscaling refuses autoscaling if nothing reports how much CPU Pods use: the number of Pods would never change.
func (f *Findings) checkAutoscaling(ctx context.Context, client dynamic.Interface, cfg *config.Config) error {
	if cfg.Autoscaling.Max == 0 {
		return nil
	}
	_, err := client.Resource(podMetrics).Namespace(cfg.Namespace).List(ctx, metav1.ListOptions{Limit: 1})
	problem := config.Problem{
		Key: "autoscaling.max", Want: "metrics-server, or 0 for a fixed number of Pods",
		Fix: cluster.OnTheMachine("microk8s enable metrics-server") + "\n    or: pulumi config set --path autoscaling.max 0",
	}
	switch {
	case apierrors.IsNotFound(err):
		problem.Found = "set, but the cluster has no metrics-server"
	case apierrors.IsServiceUnavailable(err):
		problem.Found = "set, but the cluster's metrics-server does not answer"
		problem.Fix = "kubectl describe apiservice v1beta1.metrics.k8s.io     (says why)"
	default:
		return err
	}
	f.Problems = append(f.Problems, problem)
	return nil
}
