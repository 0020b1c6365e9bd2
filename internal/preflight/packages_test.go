package preflight_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	clienttesting "k8s.io/client-go/testing"

	"github.com/mediawiki-stack/mediawiki-stack/internal/config"
	"github.com/mediawiki-stack/mediawiki-stack/internal/preflight"
)

// fromImage are the settings of a wiki with a package that is an image.
var fromImage = map[string]string{
	"extensions": `["Soup"]`, "packages": `[{"name":"Soup","image":"example.org/soup:1"}]`,
}

// fromArchive are the settings of a wiki with a package that is an archive.
var fromArchive = map[string]string{
	"extensions": `["Soup"]`,
	"packages":   `[{"name":"Soup","url":"https://example.org/Soup.zip","sha256":"` + strings.Repeat("5a", 32) + `"}]`,
}

// nodeWith returns a node with a container runtime.
func nodeWith(runtime string) *corev1.Node {
	node := newNode("pi")
	node.Status.NodeInfo.ContainerRuntimeVersion = runtime
	return node
}

func TestPackagesOfImagesTakeAClusterThatMountsImages(t *testing.T) {
	withoutVolumes := func(action clienttesting.Action) (bool, runtime.Object, error) {
		pod := action.(clienttesting.CreateAction).GetObject().(*unstructured.Unstructured).DeepCopy()
		unstructured.RemoveNestedField(pod.Object, "spec", "volumes")
		return true, pod, nil
	}
	invalid := func(clienttesting.Action) (bool, runtime.Object, error) {
		return true, nil, apierrors.NewInvalid(schema.GroupKind{Kind: "Pod"}, "x", nil)
	}
	forbidden := func(clienttesting.Action) (bool, runtime.Object, error) {
		return true, nil, apierrors.NewForbidden(schema.GroupResource{Resource: "pods"}, "x", nil)
	}
	const unsupported = "the API server does not support image volumes"
	for name, c := range map[string]struct {
		runtime string
		create  clienttesting.ReactionFunc
		found   string // part of the problem; empty if there is none
	}{
		"current":                 {runtime: "containerd://2.1.3"},
		"CRI-O":                   {runtime: "cri-o://1.33.0"},
		"an older containerd":     {runtime: "containerd://1.7.24", found: "these nodes cannot mount images: pi (containerd 1.7.24)"},
		"the gate is off":         {runtime: "containerd://2.1.3", create: withoutVolumes, found: unsupported},
		"the API is older":        {runtime: "containerd://2.1.3", create: invalid, found: unsupported},
		"refused for other rules": {runtime: "containerd://2.1.3", create: forbidden},
	} {
		t.Run(name, func(t *testing.T) {
			client := clusterWith(hostpath(), nodeWith(c.runtime))
			if c.create != nil {
				client.PrependReactor("create", "pods", c.create)
			}
			f, err := preflight.Check(t.Context(), client, "mediawiki", thisStack, settings(t, fromImage))
			require.NoError(t, err)
			if c.found == "" {
				assert.Empty(t, f.Problems)
				return
			}
			require.Len(t, f.Problems, 1)
			assert.Equal(t, "packages[0]", f.Problems[0].Key)
			assert.Equal(t, "image example.org/soup:1, but "+c.found, f.Problems[0].Found)
			assert.Contains(t, f.Problems[0].Want, "Kubernetes 1.35 or newer")
		})
	}
	t.Run("archives take none", func(t *testing.T) {
		client := clusterWith(hostpath(), nodeWith("containerd://1.6.20"))
		client.PrependReactor("create", "pods", withoutVolumes)
		f, err := preflight.Check(t.Context(), client, "mediawiki", thisStack, settings(t, fromArchive))
		require.NoError(t, err)
		assert.Empty(t, f.Problems)
	})
}

func TestLostVolumeOfPackagesIsFilledAgain(t *testing.T) {
	own := *thisStack
	own.Claims = map[string]string{"mediawiki-packages": "lost"}
	problems := func(cfg *config.Config) []config.Problem {
		f, err := preflight.Check(t.Context(), clusterWith(hostpath(), newNamespace()), "mediawiki", &own, cfg)
		require.NoError(t, err)
		return f.Problems
	}
	found := problems(settings(t, fromArchive))
	require.Len(t, found, 1)
	assert.Contains(t, found[0].Fix, "the migration downloads the packages again")
	assert.Empty(t, problems(settings(t, nil)), "without packages an update deletes the claim")
}

func TestPackageOnAMissingClaimIsRefused(t *testing.T) {
	on := func(claim string) []config.Problem {
		values := map[string]string{"extensions": `["Soup"]`, "packages": `[{"name":"Soup","url":"file:` + claim + `/Soup.zip","sha256":"` +
			strings.Repeat("5a", 32) + `"}]`}
		archives := &corev1.PersistentVolumeClaim{}
		archives.Name, archives.Namespace = "archives", thisNamespace
		client := clusterWith(hostpath(), newNamespace(), archives)
		f, err := preflight.Check(t.Context(), client, "mediawiki", thisStack, settings(t, values))
		require.NoError(t, err)
		return f.Problems
	}
	assert.Empty(t, on("archives"))
	assert.Empty(t, on("mediawiki-uploads"), "the update creates it")
	found := on("elsewhere")
	require.Len(t, found, 1)
	assert.Equal(t, "packages[0].url", found[0].Key)
	assert.Contains(t, found[0].Found, "has no claim elsewhere")
}
