package preflight_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/mediawiki-stack/mediawiki-stack/internal/preflight"
)

func TestPreviewNamesPodsThatAreNotReplacedWhileTheirNodeIsLost(t *testing.T) {
	owned := func(pod *corev1.Pod, kind string) *corev1.Pod {
		pod.OwnerReferences = []metav1.OwnerReference{{Kind: kind, Name: "owner"}}
		return pod
	}
	for name, c := range map[string]struct {
		status corev1.ConditionStatus
		pod    *corev1.Pod
		want   []string
	}{
		"a Pod of a StatefulSet on a lost node": {
			corev1.ConditionUnknown, owned(newPod("cache", "pi2"), "StatefulSet"),
			[]string{"node pi2 is not ready", "mediawiki-cache-x", "kubectl taint nodes pi2 node.kubernetes.io/out-of-service=off"},
		},
		"one that is being deleted has one warning": {
			corev1.ConditionUnknown, deleted(owned(newPod("cache", "pi2"), "StatefulSet")), []string{"its node pi2 does not report"},
		},
		"a Pod that is replaced elsewhere": {corev1.ConditionUnknown, owned(newPod("app", "pi2"), "ReplicaSet"), nil},
		"a Pod on another node":            {corev1.ConditionUnknown, owned(newPod("cache", "pi1"), "StatefulSet"), nil},
		"a node that is ready":             {corev1.ConditionTrue, owned(newPod("cache", "pi2"), "StatefulSet"), nil},
	} {
		node := newNode("pi2")
		node.Status.Conditions = []corev1.NodeCondition{{Type: corev1.NodeReady, Status: c.status}}
		client := clusterWith(newNamespace(), hostpath(), node, c.pod)
		refusing(t, client, "", nil)
		found, err := preflight.Check(t.Context(), client, "mediawiki", thisStack, settings(t, nil))
		require.NoError(t, err, name)
		require.Len(t, found.Warnings, min(len(c.want), 1), name)
		for _, part := range c.want {
			assert.Contains(t, found.Warnings[0], part, name)
		}
	}
}
