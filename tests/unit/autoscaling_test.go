package unit

import (
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	appsv1 "k8s.io/api/apps/v1"
	autoscalingv2 "k8s.io/api/autoscaling/v2"

	"github.com/mediawiki-stack/mediawiki-stack/components"
	"github.com/mediawiki-stack/mediawiki-stack/internal/mocks"
)

func TestNumberOfWebPodsIsFixedByDefault(t *testing.T) {
	promise(t, wikiArgs(), func(t *testing.T, r *mocks.Recording) {
		assert.Empty(t, mocks.All[autoscalingv2.HorizontalPodAutoscaler](r))
		assert.EqualValues(t, 2, *get[appsv1.Deployment](t, r, "mediawiki-app").Spec.Replicas)
	})
}

func TestClusterChoosesTheNumberOfWebPods(t *testing.T) {
	args := wikiArgs(func(a *components.MediaWikiStackArgs) {
		a.Replicas, a.Autoscaling = pulumi.IntRef(3), components.AutoscalingArgs{Max: 6}
	})
	promise(t, args, func(t *testing.T, r *mocks.Recording) {
		autoscaler := get[autoscalingv2.HorizontalPodAutoscaler](t, r, "mediawiki-app")
		assert.Equal(t, "mediawiki-app", autoscaler.Spec.ScaleTargetRef.Name)
		assert.EqualValues(t, 3, *autoscaler.Spec.MinReplicas)
		assert.EqualValues(t, 6, autoscaler.Spec.MaxReplicas)
		require.Len(t, autoscaler.Spec.Metrics, 1)
		assert.Equal(t, "500m", autoscaler.Spec.Metrics[0].Resource.Target.AverageValue.String())
		assert.EqualValues(t, 3, *get[appsv1.Deployment](t, r, "mediawiki-app").Spec.Replicas, "at first")
		for _, res := range objects(r) {
			if _, is := res.Object.(*appsv1.Deployment); is && res.Name == "mediawiki-app" {
				assert.Equal(t, []string{"spec.replicas"}, res.RegisterRPC.GetIgnoreChanges())
			}
		}
	})
}

func TestImpossibleAutoscalingIsRefused(t *testing.T) {
	for says, autoscaling := range map[string]components.AutoscalingArgs{
		"the value of Autoscaling.Min is 5; set it to 1 to 4":               {Min: 5, Max: 4},
		"the value of Autoscaling.Min is 2, but that of Autoscaling.Max is": {Min: 2},
		"the value of Autoscaling.Max is -1":                                {Max: -1},
		"the value of Autoscaling.CPU is -1":                                {Max: 4, CPU: -1},
		"the value of Database.Connections is":                              {Max: 40},
	} {
		err := refusal(t, wikiArgs(func(a *components.MediaWikiStackArgs) { a.Autoscaling = autoscaling }))
		assert.ErrorContains(t, err, says)
	}
}
