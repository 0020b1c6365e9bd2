package doctor_test

import (
	"context"
	"errors"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"

	"github.com/mediawiki-stack/mediawiki-stack/internal/doctor"
)

func TestDoctorSaysWhenToPromoteTheSecondDatabase(t *testing.T) {
	const fine = "primary ON"
	for name, c := range map[string]struct {
		first, second string // what they say they are; "" for a Pod that is lost
		level         doctor.Level
		what          string
	}{
		"all is well":               {fine, "replica 0", doctor.OK, "mediawiki-db-0 is the primary, mediawiki-db2-0 has each edit"},
		"edits do not wait":         {"primary OFF", "replica 12", doctor.Warning, "not wait for mediawiki-db2-0, which is 12 s behind"},
		"a copy is made":            {"primary OFF", "incomplete", doctor.Warning, "does not replicate mediawiki-db-0: incomplete"},
		"replication has stopped":   {"primary OFF", "replica NULL", doctor.Warning, "does not replicate"},
		"a promotion was just made": {fine, fine, doctor.Warning, "mediawiki-db2-0 does not replicate mediawiki-db-0 yet"},
		"the replica is lost":       {"primary OFF", "", doctor.Warning, "does not replicate mediawiki-db-0: lost"},
		"the primary is lost":       {"", "replica NULL", doctor.Failure, "is not ready, because node pi is lost"},
		"a promotion is half done": {
			"replica NULL", "replica NULL", doctor.Failure, "mediawiki-db-0 is to be the primary, but accepts no edits",
		},
	} {
		t.Run(name, func(t *testing.T) {
			b := healthy()
			said := map[string]string{"mediawiki-db-0": c.first, "mediawiki-db2-0": c.second}
			for pod, is := range said {
				running := readyPod("mediawiki-db", "mariadb")
				running.ObjectMeta = named(pod)
				if is == "" {
					running.Status.Conditions[0].Status = corev1.ConditionFalse
				}
				b.others = append(b.others, running)
			}
			if c.first == "" {
				b.node.Status.Conditions = []corev1.NodeCondition{{Type: corev1.NodeReady, Status: corev1.ConditionUnknown}}
			}
			b.others = append(b.others, &corev1.ConfigMap{ObjectMeta: named("mediawiki-db-roles")},
				&appsv1.StatefulSet{ObjectMeta: named("mediawiki-db2"), Spec: appsv1.StatefulSetSpec{Replicas: new(int32(1))}})
			e := b.environment(t)
			other := e.Exec
			e.Exec = func(ctx context.Context, pod, container string, command ...string) (string, error) {
				switch is, ours := said[pod]; {
				case !ours || container != "replication":
					return other(ctx, pod, container, command...)
				case is == "":
					return "", errors.New("lost")
				default:
					return is + "\n", nil
				}
			}
			found := about(t, "second database", e.Examine(t.Context()))
			require.Len(t, found, 1)
			assert.Equal(t, c.level, found[0].Level)
			assert.Contains(t, found[0].What, c.what)
			if c.level == doctor.Failure {
				assert.Contains(t, found[0].Fix, "wiki -n mediawiki-test promote")
			}
		})
	}
}
