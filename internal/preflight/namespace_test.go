package preflight_test

import (
	"errors"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/client-go/dynamic/fake"
	clienttesting "k8s.io/client-go/testing"

	"github.com/mediawiki-stack/mediawiki-stack/internal/preflight"
)

// refusing makes the API server refuse to create objects of a resource, and admit all others without creating them: the fake client does
// not know dry runs.
func refusing(t *testing.T, client *fake.FakeDynamicClient, resource string, err error) {
	t.Helper()
	client.PrependReactor("create", "*", func(action clienttesting.Action) (bool, runtime.Object, error) {
		create := action.(clienttesting.CreateActionImpl)
		if create.Resource.Resource == resource {
			return true, nil, err
		}
		return true, create.Object, nil
	})
}

func forbidden(resource, reason string) error {
	return apierrors.NewForbidden(schema.GroupResource{Resource: resource}, "x", errors.New(reason))
}

func TestNamespaceThatRejectsTheWikiIsReported(t *testing.T) {
	elsewhere := map[string]string{"createNamespace": "false"}
	for name, c := range map[string]struct {
		cluster []runtime.Object
		values  map[string]string
		of      string // the resource that is refused, and how
		refusal error
		want    map[string]string
		fix     string
	}{
		"it is there":                         {cluster: []runtime.Object{newNamespace()}, values: elsewhere},
		"it is still to be made by the stack": {},
		"it is to be there, and is not": {
			values: elsewhere, want: map[string]string{"createNamespace": `there is no namespace "mediawiki-test"`},
			fix: "kubectl create namespace mediawiki-test",
		},
		"it is being deleted": {
			cluster: []runtime.Object{deleted(newNamespace(), "kubernetes")},
			want:    map[string]string{"namespace": "is being deleted since"},
			fix:     "kubectl wait namespace mediawiki-test --for=delete",
		},
		"a quota asks for what containers do not say": {
			cluster: []runtime.Object{newNamespace()}, of: "pods",
			refusal: forbidden("pods", "failed quota: compute: must specify limits.cpu for: c0"),
			want:    map[string]string{"namespace": "does not admit the Pod of mediawiki-db: failed quota: compute"},
			fix:     `"spec":{"limits":[{"type":"Container","default":{"cpu":"2"}}]}`,
		},
		"a limit range bounds a container": {
			cluster: []runtime.Object{newNamespace()}, of: "pods",
			refusal: forbidden("pods", "maximum memory usage per Container is 512Mi, but limit is 1360Mi"),
			want:    map[string]string{"namespace": "maximum memory usage per Container is 512Mi"},
			fix:     "kubectl describe quota,limitrange",
		},
		"a limit range bounds a volume": {
			cluster: []runtime.Object{newNamespace()}, of: "persistentvolumeclaims",
			refusal: forbidden("persistentvolumeclaims", "maximum storage usage per PersistentVolumeClaim is 1Gi, but request is 8Gi"),
			want:    map[string]string{"namespace": "does not admit the claim mediawiki-db: maximum storage"},
			fix:     "kubectl describe quota,limitrange",
		},
		"a webhook that is away": {
			cluster: []runtime.Object{newNamespace()}, of: "pods",
			refusal: apierrors.NewInternalError(errors.New("failed calling webhook")),
			want:    map[string]string{"namespace": "failed calling webhook"}, fix: "kubectl get validatingwebhookconfigurations",
		},
		"whoever deploys may not make Pods": {
			cluster: []runtime.Object{newNamespace()}, of: "pods",
			refusal: forbidden("pods", `User "ci" cannot create resource "pods" in API group ""`),
		},
		"a quota in which the wiki's own Pods are": {
			cluster: []runtime.Object{newNamespace(), newPod("app", "a"), newQuota("pods", "9", "9")}, of: "pods",
			refusal: forbidden("pods", "exceeded quota: compute, requested: pods=1, used: pods=9, limited: pods=9"),
			want:    map[string]string{"namespace": "allows 9 of pods; others use 8 of it, and the wiki needs up to 9"},
			fix:     "kubectl edit quota compute",
		},
		"a quota with room for it": {cluster: []runtime.Object{newNamespace(), newQuota("requests.memory", "2Gi", "512Mi")}},
		"a quota that is too small": {
			cluster: []runtime.Object{newNamespace(), newQuota("memory", "1Gi", "0")},
			want:    map[string]string{"namespace": "quota compute allows 1Gi of memory; others use 0 of it"},
			fix:     "pulumi config set profile",
		},
		"a quota with too little room": {
			cluster: []runtime.Object{newNamespace(), newQuota("limits.memory", "8Gi", "5Gi")},
			want:    map[string]string{"namespace": "allows 8Gi of limits.memory; others use 5Gi"}, fix: "kubectl edit quota",
		},
		"a quota of ephemeral storage": {
			cluster: []runtime.Object{newNamespace(), newQuota("limits.ephemeral-storage", "20Gi", "0")},
			want:    map[string]string{"namespace": "allows 20Gi of limits.ephemeral-storage; others use 0 of it"},
			fix:     "pulumi config set --path uploads.size",
		},
		"a quota of volumes": {
			cluster: []runtime.Object{newNamespace(), newQuota("requests.storage", "20Gi", "0")},
			want:    map[string]string{"namespace": "allows 20Gi of requests.storage; others use 0 of it, and the wiki needs up to 24Gi"},
			fix:     "kubectl edit quota",
		},
		"a quota of volumes, with two databases": {
			cluster: []runtime.Object{newNamespace(), newNode("a"), newNode("b"), newQuota("requests.storage", "30Gi", "0")},
			values:  map[string]string{"database": `{"replicas":2}`},
			want:    map[string]string{"namespace": "allows 30Gi of requests.storage; others use 0 of it, and the wiki needs up to 32Gi"},
			fix:     "kubectl edit quota",
		},
	} {
		t.Run(name, func(t *testing.T) {
			client := clusterWith(append(c.cluster, hostpath())...)
			refusing(t, client, c.of, c.refusal)
			found, err := preflight.Check(t.Context(), client, "mediawiki", thisStack, settings(t, c.values))
			require.NoError(t, err)
			assert.Len(t, found.Problems, len(c.want))
			for _, problem := range found.Problems {
				require.NotEmpty(t, c.want[problem.Key], problem.Found)
				assert.Contains(t, problem.Found, c.want[problem.Key])
				assert.Contains(t, problem.Fix, c.fix)
			}
		})
	}
}

func TestPreviewNamesPodsThatAreStuckTerminating(t *testing.T) {
	for name, c := range map[string]struct {
		pod  *corev1.Pod
		want []string
	}{
		"a finalizer":        {deleted(newPod("jobs", "a"), "example.org/x"), []string{"finalizer example.org/x", "patch pod"}},
		"a node that is off": {deleted(newPod("db", "pi2")), []string{"its node pi2", "kubectl taint nodes pi2", "out-of-service"}},
		"never scheduled":    {deleted(newPod("app", "")), []string{"kubectl delete pod mediawiki-app-x", "--force"}},
	} {
		client := clusterWith(newNamespace(), hostpath(), c.pod)
		refusing(t, client, "", nil)
		found, err := preflight.Check(t.Context(), client, "mediawiki", thisStack, settings(t, nil))
		require.NoError(t, err, name)
		require.Len(t, found.Warnings, 1, name)
		for _, part := range c.want {
			assert.Contains(t, found.Warnings[0], part, name)
		}
	}
	client := clusterWith(newNamespace(), hostpath(), newPod("app", "a"))
	refusing(t, client, "", nil)
	found, err := preflight.Check(t.Context(), client, "mediawiki", thisStack, settings(t, nil))
	require.NoError(t, err)
	assert.Empty(t, found.Warnings, "of a Pod that is well")
}
