package preflight_test

import (
	"errors"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	"k8s.io/apimachinery/pkg/runtime"
	clienttesting "k8s.io/client-go/testing"

	"github.com/mediawiki-stack/mediawiki-stack/internal/marks"
	"github.com/mediawiki-stack/mediawiki-stack/internal/preflight"
	"github.com/mediawiki-stack/mediawiki-stack/internal/secrets"
)

// inNamespace moves a claim to another namespace and names the database on it.
func inNamespace(claim *corev1.PersistentVolumeClaim, namespace, database string) *corev1.PersistentVolumeClaim {
	claim.Namespace = namespace
	claim.Annotations[marks.DatabaseAnnotation] = database
	return claim
}

func TestClusterIsInspectedBeforeAnythingIsCreated(t *testing.T) {
	hostpath, big := hostpath(), newClass("longhorn", true, false)
	ours, err := secrets.Fingerprint("mediawiki-test", masterSecret, "", "")
	require.NoError(t, err)
	kept := newClaim("mediawiki-db", "microk8s-hostpath", ours)

	for name, c := range map[string]struct {
		cluster []runtime.Object
		values  map[string]string
		want    map[string]string // part of what is wanted or found, by key
	}{
		"an empty cluster is good":                       {[]runtime.Object{hostpath}, nil, nil},
		"a volume with its own passwords is found again": {[]runtime.Object{hostpath, kept}, nil, nil},
		"a volume that was written with other passwords": {
			[]runtime.Object{hostpath, newClaim("mediawiki-db", "microk8s-hostpath", "another")},
			nil,
			map[string]string{"masterSecret": "not the one that the volume of claim mediawiki-test/mediawiki-db was written with"},
		},
		"a server that runs is no excuse, if the stack has just been made": {
			[]runtime.Object{hostpath, newServer("mariadb:11.8.8"), newClaim("mediawiki-db", "microk8s-hostpath", "another")},
			nil,
			map[string]string{"masterSecret": "not the one that the volume of claim mediawiki-test/mediawiki-db was written with"},
		},
		"a volume without a fingerprint": {[]runtime.Object{hostpath, newClaim("mediawiki-db", "microk8s-hostpath", "")}, nil, nil},
		"a larger size where the class cannot expand": {
			[]runtime.Object{hostpath, kept},
			map[string]string{"database": `{"size":"16Gi"}`},
			map[string]string{"database.size": "cannot expand a volume (nor does it enforce a size: the disk is the limit)"},
		},
		"a larger size where the class can": {
			[]runtime.Object{hostpath, big, newClaim("mediawiki-uploads", "longhorn", "")},
			map[string]string{"uploads": `{"size":"16Gi"}`},
			nil,
		},
		"the same size in other words": {[]runtime.Object{hostpath, kept}, map[string]string{"database": `{"size":"8192Mi"}`}, nil},
		"a smaller size": {
			[]runtime.Object{big, hostpath, newClaim("mediawiki-uploads", "longhorn", "")},
			map[string]string{"uploads": `{"size":"4Gi"}`},
			map[string]string{"uploads.size": "a volume cannot shrink"},
		},
		"another class than the volume's": {
			[]runtime.Object{hostpath, big, kept},
			map[string]string{"database": `{"storageClass":"longhorn"}`},
			map[string]string{"database.storageClass": "a volume cannot move to another class"},
		},
		"another access mode than the volume's": {
			[]runtime.Object{hostpath, newClaim("mediawiki-uploads", "microk8s-hostpath", "")},
			map[string]string{"uploads": `{"accessMode":"ReadWriteMany"}`},
			map[string]string{"uploads.accessMode": "the mode it was created with"},
		},
		"another namespace than the wiki's": {
			[]runtime.Object{hostpath, inNamespace(newClaim("mediawiki-uploads", "microk8s-hostpath", ""), "before", "")},
			nil,
			map[string]string{"namespace": `this stack has a wiki in namespace "before"`},
		},
		"a wiki of its own in two namespaces": {
			[]runtime.Object{
				hostpath, inNamespace(newClaim("mediawiki-uploads", "microk8s-hostpath", ""), "before", ""),
				inNamespace(newClaim("mediawiki-uploads", "microk8s-hostpath", ""), "mediawiki-test", ""),
			}, nil, nil,
		},
		"another database than the wiki's": {
			[]runtime.Object{hostpath, inNamespace(newClaim("mediawiki-db", "microk8s-hostpath", ours), "mediawiki-test", "before")},
			nil,
			map[string]string{"database.name": "a database cannot be renamed"},
		},
		"the recipe where a wiki is": {
			[]runtime.Object{hostpath, kept},
			map[string]string{"database": `{"mode":"sidecar"}`},
			map[string]string{"database.mode": "claim mediawiki-test/mediawiki-db holds a wiki"},
		},
		"the recipe where nothing is": {nil, map[string]string{"database": `{"mode":"sidecar"}`}, nil},
		"a class that is not there": {
			[]runtime.Object{hostpath},
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
	three := []runtime.Object{hostpath(), newNode("a"), newNode("b"), newNode("c")}
	found, err := preflight.Check(t.Context(), clusterWith(three...), "mediawiki", thisStack, settings(t, nil))
	require.NoError(t, err)
	require.Len(t, found.Warnings, 2)
	assert.Contains(t, found.Warnings[0], "all Pods of the wiki share one of the 3 nodes")
	assert.Contains(t, found.Warnings[1], "node port of only 2 of the 3 nodes, those with a Pod labelled app=mediawiki-cache")
	private := settings(t, map[string]string{"access": "private"})
	found, err = preflight.Check(t.Context(), clusterWith(three...), "mediawiki", thisStack, private)
	require.NoError(t, err)
	require.Len(t, found.Warnings, 2)
	assert.Contains(t, found.Warnings[1], "answers on the node port of only 1 of the 3 nodes, those with a Pod labelled app=mediawiki-app")

	for why, c := range map[string]struct {
		cluster []runtime.Object
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
	client := clusterWith(hostpath())
	client.PrependReactor("list", "nodes", func(clienttesting.Action) (bool, runtime.Object, error) {
		return true, nil, errors.New("connection refused")
	})
	_, err := preflight.Check(t.Context(), client, "mediawiki", thisStack, settings(t, nil))
	assert.ErrorContains(t, err, "connection refused")
}

func TestNodesThatDoNotReportTheirStorageAreRefused(t *testing.T) {
	unsized, sized := newNode("a"), newNode("b")
	unsized.Status.Allocatable = corev1.ResourceList{corev1.ResourceCPU: resource.MustParse("2")}
	sized.Status.Allocatable = corev1.ResourceList{corev1.ResourceEphemeralStorage: resource.MustParse("20Gi")}
	found, err := preflight.Check(t.Context(), clusterWith(hostpath(), unsized), "mediawiki", thisStack, settings(t, nil))
	require.NoError(t, err)
	require.Len(t, found.Problems, 1)
	assert.Contains(t, found.Problems[0].Found, "ephemeral storage they have (a)")
	found, err = preflight.Check(t.Context(), clusterWith(hostpath(), unsized, sized), "mediawiki", thisStack, settings(t, nil))
	require.NoError(t, err)
	assert.Empty(t, found.Problems)
}
