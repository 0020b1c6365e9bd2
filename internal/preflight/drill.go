package preflight

import (
	"strings"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"
)

// readDrills finds the last words of the newest drill that has succeeded, "proven NAME": the API server keeps them with its Pod.
func (c *cluster) readDrills(list *unstructured.UnstructuredList) {
	var newest corev1.Pod
	for i := range list.Items {
		var pod corev1.Pod
		if runtime.DefaultUnstructuredConverter.FromUnstructured(list.Items[i].Object, &pod) != nil {
			continue // not of its own schema: as good as not there
		}
		if proven := provenBy(&pod); proven != "" && !pod.CreationTimestamp.Before(&newest.CreationTimestamp) {
			newest, c.proven = pod, proven
		}
	}
}

func provenBy(pod *corev1.Pod) string {
	for _, status := range pod.Status.ContainerStatuses {
		if ended := status.State.Terminated; ended != nil && ended.ExitCode == 0 {
			if name, ok := strings.CutPrefix(ended.Message, "proven "); ok {
				return name
			}
		}
	}
	return ""
}
