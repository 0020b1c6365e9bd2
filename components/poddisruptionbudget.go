package components

import (
	policyv1 "github.com/pulumi/pulumi-kubernetes/sdk/v4/go/kubernetes/policy/v1"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/mediawiki-stack/mediawiki-stack/internal/parts"
)

// newPodDisruptionBudget allows one Pod of a part at a time to be evicted, even the only one, so that `kubectl drain` never blocks.
func newPodDisruptionBudget(ctx *pulumi.Context, w *wiki, part parts.Part, opts ...pulumi.ResourceOption) error {
	name := part.Of(w.name)
	_, err := policyv1.NewPodDisruptionBudget(ctx, name, &policyv1.PodDisruptionBudgetArgs{
		Metadata: w.stableMetadata(name),
		Spec:     &policyv1.PodDisruptionBudgetSpecArgs{Selector: w.selector(part), MaxUnavailable: pulumi.Int(1)},
	}, opts...)
	return err
}
