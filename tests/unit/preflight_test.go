package unit

import (
	"errors"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/client-go/dynamic/fake"
	clienttesting "k8s.io/client-go/testing"

	"github.com/mediawiki-stack/mediawiki-stack/components"
	"github.com/mediawiki-stack/mediawiki-stack/internal/config"
	"github.com/mediawiki-stack/mediawiki-stack/internal/preflight"
	"github.com/mediawiki-stack/mediawiki-stack/internal/state"
)

type object = map[string]any

// clusterWith is an API server with these objects.
func clusterWith(objects ...object) *fake.FakeDynamicClient {
	made := make([]runtime.Object, 0, len(objects)+1)
	for _, o := range append(objects[:len(objects):len(objects)], namespaceOf("kube-system", thisCluster, "")) {
		made = append(made, &unstructured.Unstructured{Object: o})
	}
	return fake.NewSimpleDynamicClientWithCustomListKinds(runtime.NewScheme(), map[schema.GroupVersionResource]string{
		{Version: "v1", Resource: "nodes"}:                                   "NodeList",
		{Version: "v1", Resource: "pods"}:                                    "PodList",
		{Version: "v1", Resource: "resourcequotas"}:                          "ResourceQuotaList",
		{Group: "storage.k8s.io", Version: "v1", Resource: "storageclasses"}: "StorageClassList",
		{Version: "v1", Resource: "persistentvolumeclaims"}:                  "PersistentVolumeClaimList",
		{Group: "apps", Version: "v1", Resource: "statefulsets"}:             "StatefulSetList",
		{Group: "apps", Version: "v1", Resource: "deployments"}:              "DeploymentList",

		{Version: "v1", Resource: "services"}:                                    "ServiceList",
		{Group: "batch", Version: "v1", Resource: "cronjobs"}:                    "CronJobList",
		{Group: "batch", Version: "v1", Resource: "jobs"}:                        "JobList",
		{Group: "networking.k8s.io", Version: "v1", Resource: "networkpolicies"}: "NetworkPolicyList",
		{Group: "policy", Version: "v1", Resource: "poddisruptionbudgets"}:       "PodDisruptionBudgetList",
	}, made...)
}

func aNode(name string) object {
	return object{"apiVersion": "v1", "kind": "Node", "metadata": object{"name": name}}
}

func aClass(name string, expands, isDefault bool) object {
	annotations := object{}
	if isDefault {
		annotations["storageclass.kubernetes.io/is-default-class"] = "true"
	}
	return object{
		"apiVersion": "storage.k8s.io/v1", "kind": "StorageClass", "metadata": object{"name": name, "annotations": annotations},
		"provisioner": "microk8s.io/hostpath", "allowVolumeExpansion": expands,
	}
}

// thisStack is the stack that is looked at. It is not deployed.
var thisStack = &state.Stack{Label: "stack-0123456789"}

// labelled gives a claim the mark of this stack, and the name of the database on it; and it moves it to a namespace.
func labelled(claim object, namespace, database string) object {
	metadata := claim["metadata"].(object)
	metadata["namespace"] = namespace
	metadata["labels"] = object{components.StackLabel: thisStack.Label}
	metadata["annotations"].(object)[components.DatabaseAnnotation] = database
	return claim
}

// aClaim is one of the default size.
func aClaim(name, class, credentials string) object {
	return object{
		"apiVersion": "v1", "kind": "PersistentVolumeClaim",
		"metadata": object{
			"name": name, "namespace": "mediawiki-test", "annotations": object{components.CredentialsAnnotation: credentials},
			"labels": object{components.StackLabel: thisStack.Label},
		},
		"spec": object{
			"storageClassName": class, "accessModes": []any{"ReadWriteOnce"},
			"resources": object{"requests": object{"storage": components.DefaultVolumeSize}},
		},
	}
}

func aServer() object {
	return running("StatefulSet", "mediawiki-db", "mariadb:11.8.8")
}

// running is a workload of the wiki whose Pods run an image, all of them.
func running(kind, name, image string) object {
	return object{
		"apiVersion": "apps/v1", "kind": kind, "metadata": object{
			"name": name, "namespace": "mediawiki-test", "labels": object{components.StackLabel: thisStack.Label},
		},
		"spec": object{"template": object{
			"metadata": object{"labels": object{"app": name}}, "spec": object{"containers": []any{object{"image": image}}},
		}},
		"status": object{"currentRevision": "1", "updateRevision": "1", "replicas": int64(1), "readyReplicas": int64(1)},
	}
}

// rollingOut is a workload that has not become what it is to be.
func rollingOut(workload object) object {
	workload["status"].(object)["updateRevision"] = "2"
	return workload
}

// settings are those of a stack that sets these.
func settings(t *testing.T, values map[string]string) *config.Config {
	t.Helper()
	cfg, err := config.Load(projectFile(t, "Pulumi.yaml"), raw(values))
	require.NoError(t, err)
	return cfg
}

func TestClusterIsLookedAtBeforeAnythingIsMade(t *testing.T) {
	hostpath, big := aClass("microk8s-hostpath", false, true), aClass("longhorn", true, false)
	ours, err := components.Fingerprint("mediawiki-test", canary, "", "")
	require.NoError(t, err)
	kept := aClaim("mediawiki-db", "microk8s-hostpath", ours)

	for name, c := range map[string]struct {
		cluster []object
		values  map[string]string
		want    map[string]string // part of what is wanted or found, by key
	}{
		"an empty cluster is good":                       {[]object{hostpath}, nil, nil},
		"a volume with its own passwords is found again": {[]object{hostpath, kept}, nil, nil},
		"a volume that was written with other passwords": {
			[]object{hostpath, aClaim("mediawiki-db", "microk8s-hostpath", "another")},
			nil,
			map[string]string{"masterSecret": "not what the volume of claim mediawiki-test/mediawiki-db was written with"},
		},
		"a server that runs is no excuse, if the stack has just been made": {
			[]object{hostpath, aServer(), aClaim("mediawiki-db", "microk8s-hostpath", "another")},
			nil,
			map[string]string{"masterSecret": "not what the volume of claim mediawiki-test/mediawiki-db was written with"},
		},
		"a volume that says nothing of passwords": {[]object{hostpath, aClaim("mediawiki-db", "microk8s-hostpath", "")}, nil, nil},
		"a larger size where the class cannot expand": {
			[]object{hostpath, kept},
			map[string]string{"database": `{"size":"16Gi"}`},
			map[string]string{"database.size": "cannot expand a volume (nor does it enforce a size: the disk is the limit)"},
		},
		"a larger size where the class can": {
			[]object{hostpath, big, aClaim("mediawiki-uploads", "longhorn", "")},
			map[string]string{"uploads": `{"size":"16Gi"}`},
			nil,
		},
		"the same size in other words": {[]object{hostpath, kept}, map[string]string{"database": `{"size":"8192Mi"}`}, nil},
		"a smaller size": {
			[]object{big, hostpath, aClaim("mediawiki-uploads", "longhorn", "")},
			map[string]string{"uploads": `{"size":"4Gi"}`},
			map[string]string{"uploads.size": "a volume does not shrink"},
		},
		"another class than the volume's": {
			[]object{hostpath, big, kept},
			map[string]string{"database": `{"storageClass":"longhorn"}`},
			map[string]string{"database.storageClass": "a volume does not move"},
		},
		"another access mode than the volume's": {
			[]object{hostpath, aClaim("mediawiki-uploads", "microk8s-hostpath", "")},
			map[string]string{"uploads": `{"accessMode":"ReadWriteMany"}`},
			map[string]string{"uploads.accessMode": "the mode it was made with"},
		},
		"another namespace than the wiki's": {
			[]object{hostpath, labelled(aClaim("mediawiki-uploads", "microk8s-hostpath", ""), "before", "")},
			nil,
			map[string]string{"namespace": `this stack has a wiki in namespace "before"`},
		},
		"a wiki of its own in two namespaces": {
			[]object{
				hostpath, labelled(aClaim("mediawiki-uploads", "microk8s-hostpath", ""), "before", ""),
				labelled(aClaim("mediawiki-uploads", "microk8s-hostpath", ""), "mediawiki-test", ""),
			}, nil, nil,
		},
		"another database than the wiki's": {
			[]object{hostpath, labelled(aClaim("mediawiki-db", "microk8s-hostpath", ours), "mediawiki-test", "before")},
			nil,
			map[string]string{"database.name": "a database is not renamed"},
		},
		"the recipe where a wiki is": {
			[]object{hostpath, kept},
			map[string]string{"database": `{"mode":"sidecar"}`},
			map[string]string{"database.mode": "a wiki is kept in claim mediawiki-test/mediawiki-db"},
		},
		"the recipe where nothing is": {nil, map[string]string{"database": `{"mode":"sidecar"}`}, nil},
		"a class that is not there": {
			[]object{hostpath},
			map[string]string{"uploads": `{"storageClass":"nfs"}`},
			map[string]string{"uploads.storageClass": "one of microk8s-hostpath"},
		},
		"no class at all": {
			nil, nil,
			map[string]string{
				"database.storageClass": "no default storage class", "uploads.storageClass": "no default storage class",
				"backups.storageClass": "no default storage class",
			},
		},
	} {
		t.Run(name, func(t *testing.T) {
			found, err := preflight.Check(t.Context(), clusterWith(c.cluster...), "mediawiki", thisStack, settings(t, c.values))
			require.NoError(t, err)
			assert.Len(t, found.Problems, len(c.want))
			for _, problem := range found.Problems {
				assert.Contains(t, problem.Found+problem.Want, c.want[problem.Key], problem.Key)
				assert.NotEmpty(t, c.want[problem.Key], problem.Key)
				assert.NotEmpty(t, problem.Fix)
			}
		})
	}
}

func TestPreviewSaysThatPodsShareANode(t *testing.T) {
	three := []object{aClass("microk8s-hostpath", false, true), aNode("a"), aNode("b"), aNode("c")}
	found, err := preflight.Check(t.Context(), clusterWith(three...), "mediawiki", thisStack, settings(t, nil))
	require.NoError(t, err)
	require.Len(t, found.Warnings, 2)
	assert.Contains(t, found.Warnings[0], "all Pods of the wiki share one of the 3 nodes")
	assert.Contains(t, found.Warnings[1], "answers at the port of 2 of the 3 nodes, those with a Pod of label app=mediawiki-cache")
	private := settings(t, map[string]string{"access": "private"})
	found, err = preflight.Check(t.Context(), clusterWith(three...), "mediawiki", thisStack, private)
	require.NoError(t, err)
	require.Len(t, found.Warnings, 2)
	assert.Contains(t, found.Warnings[1], "answers at the port of 1 of the 3 nodes, those with a Pod of label app=mediawiki-app")

	for why, c := range map[string]struct {
		cluster []object
		values  map[string]string
	}{
		"one node":             {three[:2], nil},
		"many nodes can mount": {three, map[string]string{"uploads": `{"accessMode":"ReadWriteMany"}`, "cache": `{"replicas":3}`}},
	} {
		found, err := preflight.Check(t.Context(), clusterWith(c.cluster...), "mediawiki", thisStack, settings(t, c.values))
		require.NoError(t, err)
		assert.Empty(t, found.Warnings, why)
	}
}

func TestClusterThatDoesNotAnswerIsAnError(t *testing.T) {
	client := clusterWith(aClass("microk8s-hostpath", false, true))
	client.PrependReactor("list", "nodes", func(clienttesting.Action) (bool, runtime.Object, error) {
		return true, nil, errors.New("connection refused")
	})
	_, err := preflight.Check(t.Context(), client, "mediawiki", thisStack, settings(t, nil))
	assert.ErrorContains(t, err, "connection refused")
}

func TestFingerprintTellsPasswordsApartAndHidesThem(t *testing.T) {
	of := func(namespace, master, password, migration string) string {
		value, err := components.Fingerprint(namespace, master, password, migration)
		require.NoError(t, err)
		return value
	}
	first := of("wiki", canary, "", "")
	assert.Equal(t, first, of("wiki", canary, "", ""))
	for _, other := range []string{
		of("other", canary, "", ""), of("wiki", canary+"x", "", ""),
		of("wiki", canary, "given", ""), of("wiki", canary, "", "given"),
	} {
		assert.NotEqual(t, first, other)
	}
	_, err := components.Fingerprint("wiki", "", "", "")
	assert.Error(t, err)
}
