package unit

import (
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"

	"github.com/mediawiki-stack/mediawiki-stack/components"
	"github.com/mediawiki-stack/mediawiki-stack/internal/mocks"
)

func TestPodHasTheArticlesTwoContainers(t *testing.T) {
	promise(t, wikiArgs(recipe), func(t *testing.T, r *mocks.Recording) {
		pod := webPod(t, r)
		require.Len(t, pod.Containers, 2)
		mediawiki, database := pod.Containers[0], pod.Containers[1]
		assert.Equal(t, "mediawiki:1.43.9", mediawiki.Image)
		assert.EqualValues(t, 80, mediawiki.Ports[0].ContainerPort)
		assert.Equal(t, []corev1.VolumeMount{{Name: pod.Volumes[0].Name, MountPath: "/var/www/html/images"}}, mediawiki.VolumeMounts)
		assert.Equal(t, "mariadb:11.8.8", database.Image)
	})
}

func TestMariaDBGetsCredentialsFromItsSecret(t *testing.T) {
	promise(t, wikiArgs(recipe), func(t *testing.T, r *mocks.Recording) {
		env := map[string]corev1.EnvVar{}
		for _, variable := range webPod(t, r).Containers[1].Env {
			env[variable.Name] = variable
		}
		assert.Equal(t, "my_wiki", env["MYSQL_DATABASE"].Value)
		assert.Equal(t, "user", env["MYSQL_USER"].ValueFrom.SecretKeyRef.Key)
		assert.Equal(t, "yes", env["MYSQL_RANDOM_ROOT_PASSWORD"].Value)
		password := env["MYSQL_PASSWORD"].ValueFrom.SecretKeyRef
		assert.Equal(t, "password", password.Key)
		if r.Preview {
			assert.Equal(t, mocks.Unknown, password.Name, "the name is generated")
		} else {
			assert.Regexp(t, generated("mediawiki-db"), password.Name)
		}
	})
}

func TestServiceFindsThePods(t *testing.T) {
	promise(t, wikiArgs(recipe), func(t *testing.T, r *mocks.Recording) {
		service, deployment := get[corev1.Service](t, r, "mediawiki-srv"), get[appsv1.Deployment](t, r, "mediawiki-app")
		assert.Equal(t, deployment.Spec.Template.Labels, service.Spec.Selector)
		assert.Equal(t, deployment.Spec.Selector.MatchLabels, service.Spec.Selector)
		assert.Equal(t, corev1.ServiceTypeNodePort, service.Spec.Type)
	})
}

func TestPortOfTheServiceDoesNotChangeThePods(t *testing.T) {
	args := wikiArgs(recipe, func(a *components.MediaWikiStackArgs) { a.Service.Port = pulumi.Int(8080) })
	promise(t, args, func(t *testing.T, r *mocks.Recording) {
		port := get[corev1.Service](t, r, "mediawiki-srv").Spec.Ports[0]
		assert.EqualValues(t, 8080, port.Port)
		assert.Equal(t, 80, port.TargetPort.IntValue())
	})
}

func TestNamespaceIsCreatedOnlyOnRequest(t *testing.T) {
	args := wikiArgs(recipe, func(a *components.MediaWikiStackArgs) { a.CreateNamespace = false })
	promise(t, args, func(t *testing.T, r *mocks.Recording) {
		assert.Empty(t, mocks.All[corev1.Namespace](r))
		assert.Equal(t, "wiki", get[appsv1.Deployment](t, r, "mediawiki-app").Namespace)
	})
}
