package unit

import (
	"errors"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/client-go/dynamic/fake"
	clienttesting "k8s.io/client-go/testing"

	"github.com/mediawiki-stack/mediawiki-stack/internal/preflight"
)

func aNamespace() object {
	return object{"apiVersion": "v1", "kind": "Namespace", "metadata": object{"name": "mediawiki-test"}}
}

// leaving is a namespace or a Pod that was deleted and is still there.
func leaving(o object, finalizers ...any) object {
	metadata := o["metadata"].(object)
	metadata["deletionTimestamp"] = time.Now().Add(-time.Hour).UTC().Format(time.RFC3339)
	if len(finalizers) > 0 {
		metadata["finalizers"] = finalizers
	}
	return o
}

// aPodOf is a Pod of the wiki's part, on a node.
func aPodOf(part, node string) object {
	return object{
		"apiVersion": "v1", "kind": "Pod",
		"metadata": object{"name": "mediawiki-" + part + "-x", "namespace": "mediawiki-test", "labels": object{"app": "mediawiki-" + part}},
		"spec": object{"nodeName": node, "containers": []any{object{
			"name": "c", "resources": object{"requests": object{"memory": "256Mi"}, "limits": object{"memory": "1Gi"}},
		}}},
	}
}

// aQuota allows so much of something, of which so much is used.
func aQuota(of, hard, used string) object {
	return object{
		"apiVersion": "v1", "kind": "ResourceQuota", "metadata": object{"name": "compute", "namespace": "mediawiki-test"},
		"spec":   object{"hard": object{of: hard}},
		"status": object{"hard": object{of: hard}, "used": object{of: used}},
	}
}

// refusing has an API server refuse what it is asked to make of a resource, as a dry run; the fake client does not tell which it is.
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

func TestNamespaceHasToTakeTheWiki(t *testing.T) {
	elsewhere := map[string]string{"createNamespace": "false"}
	for name, c := range map[string]struct {
		cluster []object
		values  map[string]string
		of      string // the resource that is refused, and how
		refusal error
		want    map[string]string
		fix     string
	}{
		"it is there":                         {cluster: []object{aNamespace()}, values: elsewhere},
		"it is still to be made by the stack": {},
		"it is to be there, and is not": {
			values: elsewhere, want: map[string]string{"createNamespace": `there is no namespace "mediawiki-test"`},
			fix: "kubectl create namespace mediawiki-test",
		},
		"it is being deleted": {
			cluster: []object{leaving(aNamespace(), "kubernetes")}, want: map[string]string{"namespace": "is being deleted since"},
			fix: "kubectl wait namespace mediawiki-test --for=delete",
		},
		"a quota asks for what containers do not say": {
			cluster: []object{aNamespace()}, of: "pods",
			refusal: forbidden("pods", "failed quota: compute: must specify limits.cpu for: c0"),
			want:    map[string]string{"namespace": "takes no Pod of mediawiki-app: failed quota: compute: must specify limits.cpu"},
			fix:     `"spec":{"limits":[{"type":"Container","default":{"cpu":"2"}}]}`,
		},
		"a limit range bounds a container": {
			cluster: []object{aNamespace()}, of: "pods",
			refusal: forbidden("pods", "maximum memory usage per Container is 512Mi, but limit is 1360Mi"),
			want:    map[string]string{"namespace": "maximum memory usage per Container is 512Mi"},
			fix:     "kubectl describe quota,limitrange",
		},
		"a limit range bounds a volume": {
			cluster: []object{aNamespace()}, of: "persistentvolumeclaims",
			refusal: forbidden("persistentvolumeclaims", "maximum storage usage per PersistentVolumeClaim is 1Gi, but request is 8Gi"),
			want:    map[string]string{"namespace": "takes no claim mediawiki-db: maximum storage"},
			fix:     "kubectl describe quota,limitrange",
		},
		"a webhook that is away": {
			cluster: []object{aNamespace()}, of: "pods", refusal: apierrors.NewInternalError(errors.New("failed calling webhook")),
			want: map[string]string{"namespace": "failed calling webhook"}, fix: "kubectl get validatingwebhookconfigurations",
		},
		"whoever deploys may not make Pods": {
			cluster: []object{aNamespace()}, of: "pods",
			refusal: forbidden("pods", `User "ci" cannot create resource "pods" in API group ""`),
		},
		"a quota in which the wiki's own Pods are": {
			cluster: []object{aNamespace(), aPodOf("app", "a"), aQuota("pods", "9", "9")}, of: "pods",
			refusal: forbidden("pods", "exceeded quota: compute, requested: pods=1, used: pods=9, limited: pods=9"),
			want:    map[string]string{"namespace": "allows 9 of pods; others have 8 of it, and the wiki needs up to 9"},
			fix:     "kubectl edit quota compute",
		},
		"a quota with room for it": {cluster: []object{aNamespace(), aQuota("requests.memory", "2Gi", "512Mi")}},
		"a quota that is too small": {
			cluster: []object{aNamespace(), aQuota("memory", "1Gi", "0")},
			want:    map[string]string{"namespace": "quota compute allows 1Gi of memory; others have 0 of it"},
			fix:     "pulumi config set profile",
		},
		"a quota with too little room": {
			cluster: []object{aNamespace(), aQuota("limits.memory", "8Gi", "5Gi")},
			want:    map[string]string{"namespace": "allows 8Gi of limits.memory; others have 5Gi"}, fix: "kubectl edit quota",
		},
		"a quota of volumes": {
			cluster: []object{aNamespace(), aQuota("requests.storage", "20Gi", "0")},
			want:    map[string]string{"namespace": "allows 20Gi of requests.storage; others have 0 of it, and the wiki needs up to 24Gi"},
			fix:     "kubectl edit quota",
		},
	} {
		t.Run(name, func(t *testing.T) {
			client := clusterWith(append(c.cluster, aClass("microk8s-hostpath", false, true))...)
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

func TestPreviewNamesPodsThatStayAfterTheyWereDeleted(t *testing.T) {
	for name, c := range map[string]struct {
		pod  object
		want []string
	}{
		"a finalizer":        {leaving(aPodOf("jobs", "a"), "example.org/x"), []string{"it waits for example.org/x", "kubectl patch pod"}},
		"a node that is off": {leaving(aPodOf("db", "pi2")), []string{"its node pi2", "kubectl delete pod mediawiki-db-x", "--force"}},
		"never scheduled":    {leaving(aPodOf("app", "")), []string{"kubectl delete pod mediawiki-app-x", "--force"}},
	} {
		client := clusterWith(aNamespace(), aClass("microk8s-hostpath", false, true), c.pod)
		refusing(t, client, "", nil)
		found, err := preflight.Check(t.Context(), client, "mediawiki", thisStack, settings(t, nil))
		require.NoError(t, err, name)
		require.Len(t, found.Warnings, 1, name)
		for _, part := range c.want {
			assert.Contains(t, found.Warnings[0], part, name)
		}
	}
	client := clusterWith(aNamespace(), aClass("microk8s-hostpath", false, true), aPodOf("app", "a"))
	refusing(t, client, "", nil)
	found, err := preflight.Check(t.Context(), client, "mediawiki", thisStack, settings(t, nil))
	require.NoError(t, err)
	assert.Empty(t, found.Warnings, "of a Pod that is well")
}
