package unit

import (
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"

	"github.com/mediawiki-stack/mediawiki-stack/components"
	"github.com/mediawiki-stack/mediawiki-stack/internal/mocks"
)

func TestSecondDatabaseRunsOnAnotherNodeWithAVolumeOfItsOwn(t *testing.T) {
	promise(t, wikiArgs(replicated), func(t *testing.T, r *mocks.Recording) {
		for member, name := range map[string]string{"1": "mediawiki-db", "2": "mediawiki-db2"} {
			set := get[appsv1.StatefulSet](t, r, name).Spec
			pod := set.Template.Spec
			assert.Equal(t, int32(1), *set.Replicas)
			assert.Equal(t, member, variable(container(t, pod, "mariadb"), "MEMBER"))
			assert.Equal(t, "10000", variable(container(t, pod, "mariadb"), "REPLICA_TIMEOUT"))
			assert.Equal(t, member, variable(container(t, pod, "replication"), "MEMBER"))
			apart := pod.Affinity.PodAntiAffinity.RequiredDuringSchedulingIgnoredDuringExecution
			require.Len(t, apart, 1)
			assert.NotEqual(t, name, apart[0].LabelSelector.MatchLabels["app"], "it may replace itself")
			assert.True(t, slices.ContainsFunc(pod.Volumes, func(v corev1.Volume) bool {
				return v.PersistentVolumeClaim != nil && v.PersistentVolumeClaim.ClaimName == name
			}), "volume of %s", name)
		}
		for _, res := range r.Resources {
			if res.Name == "mediawiki-db2" && res.Kind() == "PersistentVolumeClaim" {
				assert.True(t, res.RegisterRPC.GetRetainOnDelete(), "the copy outlives the stack")
			}
		}
	})
}

// TestReplicaIsKnownToPodsThatReadFromIt also checks that the migration, which reads only what it has written itself, does not know it.
func TestReplicaIsKnownToPodsThatReadFromIt(t *testing.T) {
	promise(t, wikiArgs(replicated), func(t *testing.T, r *mocks.Recording) {
		pods := r.Pods()
		for pod, name := range map[string]string{"mediawiki-app": "mediawiki", "mediawiki-jobs": "jobs"} {
			assert.NotEmpty(t, variable(container(t, pods[pod].Spec, name), "DATABASE_REPLICA"), pod)
		}
		for _, c := range containers(pods["mediawiki-migration"].Spec) {
			assert.Empty(t, variable(c, "DATABASE_REPLICA"), "migration, container %s", c.Name)
		}
	})
}

func TestOneDatabaseHasNoTraceOfASecondOne(t *testing.T) {
	promise(t, wikiArgs(), func(t *testing.T, r *mocks.Recording) {
		assert.NotContains(t, r.Pods(), "mediawiki-db2")
		pod := databasePod(t, r)
		assert.Len(t, pod.Containers, 1)
		assert.Empty(t, variable(container(t, pod, "mariadb"), "MEMBER"))
		assert.Nil(t, pod.Affinity)
	})
	for _, args := range []*components.MediaWikiStackArgs{wikiArgs(replicated, external), wikiArgs(replicated, recipe)} {
		assert.NotContains(t, update(t, args).Pods(), "mediawiki-db2")
	}
}

// TestAnUpdateKeepsAPromotion checks that an update reads from the cluster which database is the primary.
func TestAnUpdateKeepsAPromotion(t *testing.T) {
	args := map[string]*components.MediaWikiStackArgs{"mediawiki": wikiArgs(replicated)}
	for primary, want := range map[string][2]string{
		"":  {"mediawiki-db", "mediawiki-db2"},
		"1": {"mediawiki-db", "mediawiki-db2"},
		"2": {"mediawiki-db2", "mediawiki-db"},
	} {
		r, _, err := run(false, args, map[string]map[string]any{
			"mediawiki-db-roles": {"data": map[string]any{"primary": primary}},
		})
		require.NoError(t, err)
		assert.Equal(t, want[0], get[corev1.Service](t, r, "mediawiki-db").Spec.Selector["app"], "primary %q", primary)
		assert.Equal(t, want[1], get[corev1.Service](t, r, "mediawiki-db-replica").Spec.Selector["app"], "primary %q", primary)
		assert.NotContains(t, get[corev1.ConfigMap](t, r, "mediawiki-db-roles").Data, "primary", "only a promotion writes it")
	}
}

// TestANewSecondDatabaseLeavesTheNodeOfTheFirstOnesVolume checks the node affinity of the second database. While the first one restarts, it
// has no Pod that keeps the second one off its node, and could then not start there again.
func TestANewSecondDatabaseLeavesTheNodeOfTheFirstOnesVolume(t *testing.T) {
	args := map[string]*components.MediaWikiStackArgs{"mediawiki": wikiArgs(replicated)}
	on := func(key string, values ...any) map[string]any {
		return map[string]any{"required": map[string]any{"nodeSelectorTerms": []any{map[string]any{
			"matchExpressions": []any{map[string]any{"key": key, "operator": "In", "values": values}},
		}}}}
	}
	for name, c := range map[string]struct {
		volume string // of the claim
		where  any
		want   []string
	}{
		"a volume on a node":                     {"pv", on("kubernetes.io/hostname", "pi2"), []string{"pi2"}},
		"a volume that all nodes of a zone have": {"pv", on("topology.kubernetes.io/zone", "a"), nil},
		"a volume that all nodes can mount":      {"pv", nil, nil},
		"a claim without a volume":               {"", nil, nil},
	} {
		r, _, err := run(false, args, map[string]map[string]any{
			"mediawiki-db": {"spec": map[string]any{"volumeName": c.volume}},
			"pv":           {"spec": map[string]any{"nodeAffinity": c.where}},
		})
		require.NoError(t, err, name)
		assert.Nil(t, get[appsv1.StatefulSet](t, r, "mediawiki-db").Spec.Template.Spec.Affinity.NodeAffinity, name)
		nodes := get[appsv1.StatefulSet](t, r, "mediawiki-db2").Spec.Template.Spec.Affinity.NodeAffinity
		if c.want == nil {
			assert.Nil(t, nodes, name)
			continue
		}
		require.NotNil(t, nodes, name)
		want := corev1.NodeSelectorRequirement{Key: "kubernetes.io/hostname", Operator: corev1.NodeSelectorOpNotIn, Values: c.want}
		assert.Equal(t, []corev1.NodeSelectorRequirement{want},
			nodes.RequiredDuringSchedulingIgnoredDuringExecution.NodeSelectorTerms[0].MatchExpressions, name)
	}
	for _, res := range update(t, wikiArgs(replicated)).Resources {
		if res.Name == "mediawiki-db2" && res.Kind() == "StatefulSet" {
			assert.Contains(t, res.RegisterRPC.GetIgnoreChanges(), "spec.template.spec.affinity.nodeAffinity", "it is not replaced later")
		}
	}
}

func TestTwoDatabasesReachEachOther(t *testing.T) {
	ingress, egress := connections(t, replicated)
	for _, connection := range []string{
		"mediawiki-db > mediawiki-db2: 3306", "mediawiki-db2 > mediawiki-db: 3306", "mediawiki-app > mediawiki-db2: 3306",
		"mediawiki-backup > mediawiki-db2: 3306",
	} {
		assert.Contains(t, ingress, connection)
		assert.Contains(t, egress, connection)
	}
	assert.Contains(t, egress, "mediawiki-db > anywhere: 443 6443 16443", "a database is cut off if the API server does not answer")
}

func TestImpossibleNumbersOfDatabasesAreRefused(t *testing.T) {
	for _, count := range []int{-1, 3} {
		err := refusal(t, wikiArgs(func(a *components.MediaWikiStackArgs) { a.Database.Replicas = count }))
		require.ErrorContains(t, err, "Database.Replicas")
	}
	err := refusal(t, wikiArgs(func(a *components.MediaWikiStackArgs) { a.Database.ReplicaTimeout = new(-1) }))
	assert.ErrorContains(t, err, "Database.ReplicaTimeout")
}
