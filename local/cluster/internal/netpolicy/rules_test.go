package netpolicy

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	corev1 "k8s.io/api/core/v1"
	networkingv1 "k8s.io/api/networking/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/client-go/informers"
	"k8s.io/client-go/kubernetes/fake"
)

func pod(namespace, name, app, node, address string) *corev1.Pod {
	return &corev1.Pod{
		ObjectMeta: metav1.ObjectMeta{Namespace: namespace, Name: name, Labels: map[string]string{"app": app}},
		Spec:       corev1.PodSpec{NodeName: node},
		Status:     corev1.PodStatus{PodIPs: []corev1.PodIP{{IP: address}}},
	}
}

func TestOnlyPodsThatAPolicySelectsAreQueued(t *testing.T) {
	onHost := pod("here", "on-host", "wiki", "this", "198.18.0.1")
	onHost.Spec.HostNetwork = true
	objects := make([]runtime.Object, 0, 8)
	objects = append(objects,
		pod("here", "one", "wiki", "this", "10.1.1.3"), pod("here", "two", "wiki", "this", "10.1.1.2"), onHost,
		pod("here", "other-app", "cache", "this", "10.1.1.4"),
		pod("here", "other-node", "wiki", "that", "10.1.2.2"),
		pod("there", "other-namespace", "wiki", "this", "10.1.1.5"),
	)
	for _, name := range []string{"first", "second"} {
		objects = append(objects, &networkingv1.NetworkPolicy{
			ObjectMeta: metav1.ObjectMeta{Namespace: "here", Name: name},
			Spec:       networkingv1.NetworkPolicySpec{PodSelector: metav1.LabelSelector{MatchLabels: map[string]string{"app": "wiki"}}},
		})
	}
	factory := informers.NewSharedInformerFactory(fake.NewClientset(objects...), 0)
	r, err := newRules("this", factory)
	require.NoError(t, err)
	factory.Start(t.Context().Done())
	factory.WaitForCacheSync(t.Context().Done())

	addresses, err := r.selected(t.Context())
	require.NoError(t, err)
	assert.Equal(t, []string{"10.1.1.2", "10.1.1.3"}, addresses)
	assert.Len(t, r.changed, 1)
}

func TestWithoutPoliciesThereAreNoRules(t *testing.T) {
	assert.Equal(t, "*mangle\n-F POSTROUTING\nCOMMIT\n", table(nil))
}
