package components

import (
	autoscalingv2 "github.com/pulumi/pulumi-kubernetes/sdk/v4/go/kubernetes/autoscaling/v2"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/mediawiki-stack/mediawiki-stack/internal/parts"
)

// newAutoscaler creates the HorizontalPodAutoscaler of the web Pods, unless their number is fixed.
func newAutoscaler(ctx *pulumi.Context, w *wiki, opts ...pulumi.ResourceOption) error {
	autoscaling := w.args.Autoscaling
	if autoscaling.Max == 0 {
		return nil
	}
	name := parts.Web.Of(w.name)
	_, err := autoscalingv2.NewHorizontalPodAutoscaler(ctx, name, &autoscalingv2.HorizontalPodAutoscalerArgs{
		Metadata: w.stableMetadata(name),
		Spec: &autoscalingv2.HorizontalPodAutoscalerSpecArgs{
			ScaleTargetRef: &autoscalingv2.CrossVersionObjectReferenceArgs{
				ApiVersion: pulumi.String("apps/v1"), Kind: pulumi.String("Deployment"), Name: pulumi.String(name),
			},
			MinReplicas: pulumi.Int(autoscaling.Min),
			MaxReplicas: pulumi.Int(autoscaling.Max),
			// The target is an amount of CPU, not a share of the Pods' requests: these are small, so that many wikis fit on a node.
			Metrics: autoscalingv2.MetricSpecArray{autoscalingv2.MetricSpecArgs{
				Type: pulumi.String("Resource"),
				Resource: &autoscalingv2.ResourceMetricSourceArgs{
					Name: pulumi.String("cpu"),
					Target: &autoscalingv2.MetricTargetArgs{
						Type: pulumi.String("AverageValue"), AverageValue: pulumi.Sprintf("%dm", autoscaling.CPU),
					},
				},
			}},
		},
	}, opts...)
	return err
}

// replicas returns the initial number of web Pods. If an autoscaler changes that number, it also returns the option with which updates
// leave it alone.
func (args *MediaWikiStackArgs) replicas() (int, []pulumi.ResourceOption) {
	if args.Autoscaling.Max == 0 {
		return *args.Replicas, nil
	}
	return args.Autoscaling.Min, []pulumi.ResourceOption{pulumi.IgnoreChanges([]string{"spec.replicas"})}
}
