package preflight_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"

	"github.com/mediawiki-stack/mediawiki-stack/internal/preflight"
)

func TestSecondDatabaseNeedsANodeAndIsNotDeletedWhileItIsThePrimary(t *testing.T) {
	roles := func(primary string) *corev1.ConfigMap {
		return &corev1.ConfigMap{
			ObjectMeta: metav1.ObjectMeta{Name: "mediawiki-db-roles", Namespace: thisNamespace},
			Data:       map[string]string{"primary": primary},
		}
	}
	one, two := []runtime.Object{hostpath(), newNode("a")}, []runtime.Object{hostpath(), newNode("a"), newNode("b")}
	for name, c := range map[string]struct {
		cluster  []runtime.Object
		replicas string
		found    string
	}{
		"one of one":                   {one, "1", ""},
		"two on two nodes":             {two, "2", ""},
		"two on one node":              {one, "2", "2, but the cluster has 1 node"},
		"two, after a promotion":       {append(two, roles("2")), "2", ""},
		"back to one":                  {append(two, roles("1")), "1", ""},
		"back to one that is a copy":   {append(two, roles("2")), "1", "1, but the wiki's database is the second one, mediawiki-db2"},
		"a node is lost when promoted": {append(one, roles("2")), "2", "2, but the cluster has 1 node"},
	} {
		t.Run(name, func(t *testing.T) {
			cfg := settings(t, map[string]string{"database": `{"replicas":` + c.replicas + `}`})
			found, err := preflight.Check(t.Context(), clusterWith(c.cluster...), "mediawiki", thisStack, cfg)
			require.NoError(t, err)
			if c.found == "" {
				assert.Empty(t, found.Problems)
				return
			}
			require.Len(t, found.Problems, 1)
			assert.Equal(t, "database.replicas", found.Problems[0].Key)
			assert.Equal(t, c.found, found.Problems[0].Found)
		})
	}
}

func TestSecondDatabaseNeedsAStorageClass(t *testing.T) {
	first := newClaim("mediawiki-db", "microk8s-hostpath", "")
	client := clusterWith(newNode("a"), newNode("b"), newClass("microk8s-hostpath", false, false), first)
	found, err := preflight.Check(t.Context(), client, "mediawiki", thisStack, settings(t, map[string]string{
		"database": `{"replicas":2}`, "uploads": `{"storageClass":"microk8s-hostpath"}`, "backups": `{"storageClass":"microk8s-hostpath"}`,
	}))
	require.NoError(t, err)
	require.Len(t, found.Problems, 1, "%+v", found.Problems)
	assert.Equal(t, "database.storageClass", found.Problems[0].Key)
}
