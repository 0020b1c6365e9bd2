package kube

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/mediawiki-stack/mediawiki-stack/tests/internal/await"
)

// Pods returns the Pods that match a selector such as "app=mediawiki-app", sorted by name. An empty selector matches all.
func (n *Namespace) Pods(t *testing.T, selector string) []corev1.Pod {
	t.Helper()
	list, err := n.Kube.CoreV1().Pods(n.Name).List(t.Context(), metav1.ListOptions{LabelSelector: selector})
	require.NoError(t, err)
	slices.SortFunc(list.Items, func(a, b corev1.Pod) int { return strings.Compare(a.Name, b.Name) })
	return list.Items
}

// ReadyPods returns the matching Pods that are ready and not being deleted, by name.
func (n *Namespace) ReadyPods(t *testing.T, selector string) map[string]corev1.Pod {
	t.Helper()
	ready := make(map[string]corev1.Pod)
	for _, pod := range n.Pods(t, selector) {
		if IsReady(&pod) {
			ready[pod.Name] = pod
		}
	}
	return ready
}

// IsReady reports whether a Pod is ready and not being deleted.
func IsReady(pod *corev1.Pod) bool {
	return pod.DeletionTimestamp == nil && slices.ContainsFunc(pod.Status.Conditions, func(c corev1.PodCondition) bool {
		return c.Type == corev1.PodReady && c.Status == corev1.ConditionTrue
	})
}

// Names returns the Pods' names in alphabetical order.
func Names(pods map[string]corev1.Pod) []string { return slices.Sorted(maps.Keys(pods)) }

// AwaitReplaced waits until exactly this many matching Pods are ready and none of them is an old one.
func (n *Namespace) AwaitReplaced(t *testing.T, selector string, old map[string]corev1.Pod, ready int) map[string]corev1.Pod {
	t.Helper()
	var pods map[string]corev1.Pod
	await.Success(t, fmt.Sprintf("%d new Pods are ready", ready), func() error {
		pods = n.ReadyPods(t, selector)
		for name := range pods {
			if _, found := old[name]; found {
				return fmt.Errorf("%s still runs", name)
			}
		}
		if len(pods) != ready {
			return fmt.Errorf("%d are ready, want %d", len(pods), ready)
		}
		return nil
	})
	return pods
}

// AwaitReady waits until exactly this many matching Pods exist and all are ready.
func (n *Namespace) AwaitReady(t *testing.T, selector string, ready int) map[string]corev1.Pod {
	t.Helper()
	var pods map[string]corev1.Pod
	await.Success(t, fmt.Sprintf("%d Pods are ready", ready), func() error {
		all := len(n.Pods(t, selector))
		if pods = n.ReadyPods(t, selector); len(pods) != ready || all != ready {
			return fmt.Errorf("%d of %d are ready, want %d", len(pods), all, ready)
		}
		return nil
	})
	return pods
}

// DeletePod deletes a Pod without waiting.
func (n *Namespace) DeletePod(t *testing.T, name string) {
	t.Helper()
	require.NoError(t, n.Kube.CoreV1().Pods(n.Name).Delete(t.Context(), name, metav1.DeleteOptions{}))
}

// Restarts returns the restart counts of the matching Pods' containers.
func (n *Namespace) Restarts(t *testing.T, selector string) map[string]int32 {
	t.Helper()
	counts := make(map[string]int32)
	for _, pod := range n.Pods(t, selector) {
		for _, status := range append(pod.Status.ContainerStatuses, pod.Status.InitContainerStatuses...) {
			counts[pod.Name+" "+status.Name] = status.RestartCount
		}
	}
	return counts
}

// ReadySince returns the time since which each matching Pod has been ready. The time is zero for a Pod that is not ready.
func (n *Namespace) ReadySince(t *testing.T, selector string) map[string]time.Time {
	t.Helper()
	since := make(map[string]time.Time)
	for _, pod := range n.Pods(t, selector) {
		since[pod.Name] = time.Time{}
		for _, condition := range pod.Status.Conditions {
			if condition.Type == corev1.PodReady && condition.Status == corev1.ConditionTrue {
				since[pod.Name] = condition.LastTransitionTime.Time
			}
		}
	}
	return since
}
