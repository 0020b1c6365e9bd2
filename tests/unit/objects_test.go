package unit

import (
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi/internals"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/mediawiki-stack/mediawiki-stack/components"
)

func TestPodHasTheArticlesTwoContainers(t *testing.T) {
	promise(t, recipeArgs(), func(t *testing.T, r *recorder) {
		pod := at(t, r.one(t, deploymentToken), "spec", "template", "spec")
		assert.Len(t, at(t, pod, "containers"), 2)
		assert.Equal(t, "mediawiki:1.43.9", at(t, pod, "containers", 0, "image"))
		assert.InDelta(t, 80, at(t, pod, "containers", 0, "ports", 0, "containerPort"), 0)
		assert.Equal(t, "/var/www/html/images", at(t, pod, "containers", 0, "volumeMounts", 0, "mountPath"))
		assert.Equal(t, at(t, pod, "volumes", 0, "name"), at(t, pod, "containers", 0, "volumeMounts", 0, "name"))
		assert.Equal(t, "mariadb:11.8.8", at(t, pod, "containers", 1, "image"))
	})
}

func TestCredentialsReachMariaDBThroughItsSecret(t *testing.T) {
	promise(t, recipeArgs(), func(t *testing.T, r *recorder) {
		env := at(t, r.one(t, deploymentToken), "spec", "template", "spec", "containers", 1, "env")
		assert.Equal(t, map[string]any{"name": "MYSQL_DATABASE", "value": "my_wiki"}, at(t, env, 0))
		assert.Equal(t, "MYSQL_USER", at(t, env, 1, "name"))
		assert.Equal(t, "user", at(t, env, 1, "valueFrom", "secretKeyRef", "key"))
		assert.Equal(t, "MYSQL_PASSWORD", at(t, env, 2, "name"))
		assert.Equal(t, "password", at(t, env, 2, "valueFrom", "secretKeyRef", "key"))
		if !r.preview { // which does not know the digits yet
			assert.Equal(t, "mediawiki-db-0a1b2c3d", at(t, env, 2, "valueFrom", "secretKeyRef", "name"))
		}
		assert.Equal(t, map[string]any{"name": "MYSQL_RANDOM_ROOT_PASSWORD", "value": "yes"}, at(t, env, 3))
	})
}

func TestServiceFindsThePods(t *testing.T) {
	promise(t, recipeArgs(), func(t *testing.T, r *recorder) {
		service, deployment := r.one(t, serviceToken), r.one(t, deploymentToken)
		assert.Equal(t, at(t, deployment, "spec", "template", "metadata", "labels"), at(t, service, "spec", "selector"))
		assert.Equal(t, at(t, deployment, "spec", "selector", "matchLabels"), at(t, service, "spec", "selector"))
		assert.Equal(t, "NodePort", at(t, service, "spec", "type"))
	})
}

func TestServicePortMovesAndTheContainerStays(t *testing.T) {
	args := recipeArgs(func(a *components.MediaWikiStackArgs) { a.Service.Port = pulumi.Int(8080) })
	promise(t, args, func(t *testing.T, r *recorder) {
		port := at(t, r.one(t, serviceToken), "spec", "ports", 0)
		assert.InDelta(t, 8080, at(t, port, "port"), 0)
		assert.InDelta(t, 80, at(t, port, "targetPort"), 0)
	})
}

func TestNamespaceIsMadeOnlyWhenAsked(t *testing.T) {
	args := recipeArgs(func(a *components.MediaWikiStackArgs) { a.CreateNamespace = false })
	promise(t, args, func(t *testing.T, r *recorder) {
		assert.Empty(t, r.all(namespaceToken))
		assert.Equal(t, "wiki", at(t, r.one(t, deploymentToken), "metadata", "namespace"))
	})
}

func TestURLIsWhatABrowserTakes(t *testing.T) {
	for name, c := range map[string]struct {
		change func(*components.MediaWikiStackArgs)
		want   string
	}{
		"node port chosen by Kubernetes": {func(*components.MediaWikiStackArgs) {}, "http://192.0.2.7:31234"},
		"node port given": {
			func(a *components.MediaWikiStackArgs) { a.Service.NodePort = 30080 }, "http://192.0.2.7:30080",
		},
		"address of version 6": {
			func(a *components.MediaWikiStackArgs) { a.NodeHost = pulumi.String("2001:db8::7") }, "http://[2001:db8::7]:31234",
		},
		"site address": {
			func(a *components.MediaWikiStackArgs) { a.SiteURL = "https://wiki.example.org/" }, "https://wiki.example.org",
		},
		"inside the cluster": {
			func(a *components.MediaWikiStackArgs) { a.Service.Type = components.ServiceClusterIP },
			"http://mediawiki-srv.wiki.svc.cluster.local",
		},
	} {
		t.Run(name, func(t *testing.T) {
			_, made, err := run(t, false, map[string]*components.MediaWikiStackArgs{"mediawiki": wikiArgs(c.change)})
			require.NoError(t, err)
			url, err := internals.UnsafeAwaitOutput(t.Context(), made["mediawiki"].URL)
			require.NoError(t, err)
			assert.Equal(t, c.want, url.Value)
			assert.False(t, url.Secret)
		})
	}
}

func TestPasswordOutputIsSecret(t *testing.T) {
	_, made, err := run(t, false, map[string]*components.MediaWikiStackArgs{"mediawiki": wikiArgs()})
	require.NoError(t, err)
	password, err := internals.UnsafeAwaitOutput(t.Context(), made["mediawiki"].DatabasePassword)
	require.NoError(t, err)
	assert.True(t, password.Secret)
}

func TestAddressIsUnknownUntilAPortIsAssigned(t *testing.T) {
	for preview, known := range map[bool]bool{true: false, false: true} {
		_, made, err := run(t, preview, map[string]*components.MediaWikiStackArgs{"mediawiki": wikiArgs()})
		require.NoError(t, err)
		url, err := internals.UnsafeAwaitOutput(t.Context(), made["mediawiki"].URL)
		require.NoError(t, err)
		port, err := internals.UnsafeAwaitOutput(t.Context(), made["mediawiki"].NodePort)
		require.NoError(t, err)
		assert.Equal(t, known, url.Known, "url, preview %t", preview)
		assert.Equal(t, known, port.Known, "nodePort, preview %t", preview)
	}
}
