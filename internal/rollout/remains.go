package rollout

import (
	"context"
	"strings"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/client-go/dynamic"
)

// remains returns what removed extensions have left in the database, as reported by the migration that ended after since. It returns an
// empty text if there is nothing, or if the migration's Pod has been deleted already. The migration's log has the same report.
func remains(ctx context.Context, client dynamic.Interface, namespace string, since metav1.Time) string {
	pods := client.Resource(corev1.SchemeGroupVersion.WithResource("pods")).Namespace(namespace)
	found, err := pods.List(ctx, metav1.ListOptions{LabelSelector: "app"})
	if err != nil {
		return ""
	}
	for i := range found.Items {
		var pod corev1.Pod
		if runtime.DefaultUnstructuredConverter.FromUnstructured(found.Items[i].Object, &pod) != nil {
			continue
		}
		for _, status := range pod.Status.ContainerStatuses {
			ended := status.State.Terminated
			if status.Name != "migration" || ended == nil || ended.FinishedAt.Before(&since) {
				continue
			}
			if text, says := strings.CutPrefix(ended.Message, "remains: "); says {
				return text
			}
		}
	}
	return ""
}
