package kube

import (
	"testing"

	"github.com/stretchr/testify/require"
	corev1 "k8s.io/api/core/v1"
)

// Logs returns the logs of the Pods' containers by "POD CONTAINER", with those before the last restart as "POD CONTAINER before".
func (n *Namespace) Logs(t *testing.T, selector string) map[string]string {
	t.Helper()
	logs := make(map[string]string)
	for _, pod := range n.Pods(t, selector) {
		for _, status := range append(pod.Status.InitContainerStatuses, pod.Status.ContainerStatuses...) {
			if status.ContainerID != "" {
				logs[pod.Name+" "+status.Name] = n.log(t, pod.Name, status.Name, false)
			}
			if status.RestartCount > 0 {
				logs[pod.Name+" "+status.Name+" before"] = n.log(t, pod.Name, status.Name, true)
			}
		}
	}
	return logs
}

func (n *Namespace) log(t *testing.T, pod, container string, previous bool) string {
	t.Helper()
	options := &corev1.PodLogOptions{Container: container, Previous: previous}
	text, err := n.Kube.CoreV1().Pods(n.Name).GetLogs(pod, options).DoRaw(t.Context())
	require.NoError(t, err, "log of %s in %s", container, pod)
	return string(text)
}

// Explain logs the namespace's objects and the ends of its containers' logs if the test has failed. Call it with defer: a t.Cleanup would
// run after the namespace is deleted.
func (n *Namespace) Explain(t *testing.T) {
	t.Helper()
	if !t.Failed() {
		return
	}
	for _, line := range n.Contents(t) {
		t.Log(line)
	}
	for name, log := range n.Logs(t, "") {
		const end = 2000
		t.Logf("log of %s:\n%s", name, log[max(0, len(log)-end):])
	}
}
