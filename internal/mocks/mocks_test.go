package mocks_test

import (
	"testing"

	pulumicore "github.com/pulumi/pulumi-kubernetes/sdk/v4/go/kubernetes/core/v1" //nolint:importas // Kubernetes' package is corev1
	pulumimeta "github.com/pulumi/pulumi-kubernetes/sdk/v4/go/kubernetes/meta/v1" //nolint:importas // as above
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	corev1 "k8s.io/api/core/v1"

	"github.com/mediawiki-stack/mediawiki-stack/internal/mocks"
)

// program registers a Service, a ConfigMap with its address, and a Secret.
func program(ctx *pulumi.Context) error {
	service, err := pulumicore.NewService(ctx, "web", &pulumicore.ServiceArgs{
		Metadata: &pulumimeta.ObjectMetaArgs{Name: pulumi.String("web")},
		Spec: &pulumicore.ServiceSpecArgs{
			Type: pulumi.String("NodePort"), Ports: pulumicore.ServicePortArray{pulumicore.ServicePortArgs{Port: pulumi.Int(80)}},
		},
	})
	if err != nil {
		return err
	}
	address := service.ID().ApplyT(func(pulumi.ID) pulumi.StringOutput { return service.Spec.ClusterIP().Elem() }).(pulumi.StringOutput)
	ctx.Export("address", address)
	if _, err = pulumicore.NewConfigMap(ctx, "address", &pulumicore.ConfigMapArgs{Data: pulumi.StringMap{"address": address}}); err != nil {
		return err
	}
	_, err = pulumicore.NewSecret(ctx, "password", &pulumicore.SecretArgs{StringData: pulumi.StringMap{"password": pulumi.String("soup")}})
	return err
}

func TestObjectsAreTyped(t *testing.T) {
	for preview, address := range map[bool]string{true: mocks.Unknown, false: mocks.ClusterIP} {
		r, err := mocks.Run(program, mocks.Options{Preview: preview})
		require.NoError(t, err)
		assert.Equal(t, []string{"address"}, r.Outputs)
		settings, err := mocks.Get[corev1.ConfigMap](r, "address")
		require.NoError(t, err)
		assert.Equal(t, address, settings.Data["address"], "preview %t", preview)
		secret, err := mocks.Get[corev1.Secret](r, "password")
		require.NoError(t, err)
		assert.Equal(t, "soup", secret.StringData["password"], "in plain text, although it is marked secret")
		require.Len(t, mocks.All[corev1.Service](r), 1)
		assert.EqualValues(t, 80, mocks.All[corev1.Service](r)[0].Spec.Ports[0].Port)
		_, err = mocks.Get[corev1.Secret](r, "web")
		assert.ErrorContains(t, err, "no Secret web is registered")
	}
}

func TestFieldThatKubernetesDoesNotKnowIsAnError(t *testing.T) {
	_, err := mocks.Run(func(ctx *pulumi.Context) error {
		var resource pulumi.CustomResourceState
		return ctx.RegisterResource("kubernetes:core/v1:ConfigMap", "settings", pulumi.Map{"dta": pulumi.StringMap{}}, &resource)
	}, mocks.Options{})
	assert.ErrorContains(t, err, `ConfigMap settings: strict decoding error: unknown field "dta"`)
}
