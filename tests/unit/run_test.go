package unit

import (
	"encoding/json"
	"maps"
	"slices"
	"testing"

	"github.com/pulumi/pulumi-kubernetes/sdk/v4/go/kubernetes"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	"github.com/stretchr/testify/require"
	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"

	"github.com/mediawiki-stack/mediawiki-stack/components"
	"github.com/mediawiki-stack/mediawiki-stack/internal/mocks"
)

// run creates wikis under the given names with an explicit provider and returns what was registered.
func run(
	preview bool, wikis map[string]*components.MediaWikiStackArgs, found ...map[string]map[string]any,
) (*mocks.Recording, map[string]*components.MediaWikiStack, error) {
	created := make(map[string]*components.MediaWikiStack)
	r, err := mocks.Run(func(ctx *pulumi.Context) error {
		provider, err := kubernetes.NewProvider(ctx, "microk8s", &kubernetes.ProviderArgs{Kubeconfig: pulumi.String("/kubeconfig")})
		if err != nil {
			return err
		}
		for _, name := range slices.Sorted(maps.Keys(wikis)) {
			if created[name], err = components.NewMediaWikiStack(ctx, name, wikis[name], pulumi.Provider(provider)); err != nil {
				return err
			}
		}
		return nil
	}, mocks.Options{Preview: preview, Found: append(found, nil)[0]})
	return r, created, err
}

// update creates a wiki named mediawiki.
func update(t *testing.T, args *components.MediaWikiStackArgs) *mocks.Recording {
	t.Helper()
	r, _, err := run(false, map[string]*components.MediaWikiStackArgs{"mediawiki": args})
	require.NoError(t, err)
	return r
}

// refusal returns the error of a wiki whose arguments cannot be used.
func refusal(t *testing.T, args *components.MediaWikiStackArgs) error {
	t.Helper()
	_, _, err := run(true, map[string]*components.MediaWikiStackArgs{"mediawiki": args})
	require.Error(t, err)
	return err
}

// promise runs a test for a preview and for an update of one wiki named mediawiki.
func promise(t *testing.T, args *components.MediaWikiStackArgs, test func(t *testing.T, r *mocks.Recording)) {
	t.Helper()
	for name, preview := range map[string]bool{"preview": true, "update": false} {
		t.Run(name, func(t *testing.T) {
			r, _, err := run(preview, map[string]*components.MediaWikiStackArgs{"mediawiki": args})
			require.NoError(t, err)
			test(t, r)
		})
	}
}

// get returns the object of a type with that resource name.
func get[T any, P interface {
	*T
	mocks.Object
}](t *testing.T, r *mocks.Recording, name string) P {
	t.Helper()
	object, err := mocks.Get[T, P](r, name)
	require.NoError(t, err)
	return object
}

// objects returns the Kubernetes objects.
func objects(r *mocks.Recording) []*mocks.Resource {
	return slices.DeleteFunc(slices.Clone(r.Resources), func(res *mocks.Resource) bool { return res.Object == nil })
}

// The Pods of the parts.
func webPod(t *testing.T, r *mocks.Recording) corev1.PodSpec {
	t.Helper()
	return get[appsv1.Deployment](t, r, "mediawiki-app").Spec.Template.Spec
}

func databasePod(t *testing.T, r *mocks.Recording) corev1.PodSpec {
	t.Helper()
	return get[appsv1.StatefulSet](t, r, "mediawiki-db").Spec.Template.Spec
}

func cachePod(t *testing.T, r *mocks.Recording) corev1.PodSpec {
	t.Helper()
	return get[appsv1.StatefulSet](t, r, "mediawiki-cache").Spec.Template.Spec
}

func memcachedPod(t *testing.T, r *mocks.Recording) corev1.PodSpec {
	t.Helper()
	return get[appsv1.Deployment](t, r, "mediawiki-objectcache").Spec.Template.Spec
}

// containers returns a Pod's containers, including those that only initialise it.
func containers(pod corev1.PodSpec) []corev1.Container {
	return slices.Concat(pod.InitContainers, pod.Containers)
}

// container returns the container of that name.
func container(t *testing.T, pod corev1.PodSpec, name string) corev1.Container {
	t.Helper()
	for _, c := range containers(pod) {
		if c.Name == name {
			return c
		}
	}
	require.Failf(t, "no such container", "%s", name)
	return corev1.Container{}
}

// variable returns the value of an environment variable, or an empty text.
func variable(c corev1.Container, name string) string {
	for _, v := range c.Env {
		if v.Name == name {
			return v.Value
		}
	}
	return ""
}

// vcl returns the part of Varnish's configuration that differs from wiki to wiki.
func vcl(t *testing.T, r *mocks.Recording) string {
	t.Helper()
	return get[corev1.ConfigMap](t, r, "mediawiki-cache").Data["settings.vcl"]
}

// setting returns a value that LocalSettings.php of the wiki of that name reads.
func setting(t *testing.T, r *mocks.Recording, wiki, key string) any {
	t.Helper()
	var settings map[string]any
	require.NoError(t, json.Unmarshal([]byte(get[corev1.ConfigMap](t, r, wiki+"-settings").Data["wiki.json"]), &settings))
	return settings[key]
}

// generated matches a name that the engine generates for an object.
func generated(name string) string { return "^" + name + "-[0-9a-f]{10}$" }

// text returns an object as JSON.
func text(t *testing.T, object any) string {
	t.Helper()
	content, err := json.Marshal(object)
	require.NoError(t, err)
	return string(content)
}
