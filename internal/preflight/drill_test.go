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

// newDrill returns the Pod of a restore test that ended so many seconds after midnight with this termination message.
func newDrill(name string, second, exitCode int, message string) *corev1.Pod {
	pod := newPod("backup", "a")
	pod.Name, pod.CreationTimestamp = name, metav1.Unix(int64(second), 0)
	pod.Status.ContainerStatuses = []corev1.ContainerStatus{{Name: "drill", State: corev1.ContainerState{
		Terminated: &corev1.ContainerStateTerminated{ExitCode: int32(exitCode), Message: message},
	}}}
	return pod
}

func TestBackupIsProvenByTheLastDrillThatSucceeded(t *testing.T) {
	for name, c := range map[string]struct {
		pods []runtime.Object
		want string
	}{
		"no drill yet": {nil, ""},
		"two, and then one that failed": {[]runtime.Object{
			newDrill("new", 20, 0, "proven 20261102T000000Z"), newDrill("old", 10, 0, "proven 20261101T000000Z"),
			newDrill("failed", 30, 1, "Drill failed"),
		}, "20261102T000000Z"},
		"a backup is no drill": {[]runtime.Object{newDrill("backup", 10, 0, "03:17:00 backup 20261101T000000Z")}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			client := clusterWith(append(c.pods, hostpath())...)
			found, err := preflight.Check(t.Context(), client, "mediawiki", thisStack, settings(t, nil))
			require.NoError(t, err)
			assert.Equal(t, c.want, found.ProvenBackup)
		})
	}
}
