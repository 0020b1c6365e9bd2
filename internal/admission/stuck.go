package admission

import (
	"fmt"
	"strings"
	"time"

	corev1 "k8s.io/api/core/v1"
)

// late is how long after its grace a Pod that is deleted may still be there.
const late = time.Minute

// Stuck says why a Pod is still there that was deleted and should be gone, and which command takes it away; nothing of any other Pod.
func Stuck(pod *corev1.Pod, namespace string, now time.Time) (why, fix string) {
	// The time of deletion is when the grace ends.
	if pod.DeletionTimestamp == nil || now.Sub(pod.DeletionTimestamp.Time) < late {
		return "", ""
	}
	why = fmt.Sprintf("was deleted and should be gone since %s", pod.DeletionTimestamp.Time.UTC().Format(time.RFC3339))
	if len(pod.Finalizers) > 0 {
		return why + ": it waits for " + strings.Join(pod.Finalizers, ", "), fmt.Sprintf(
			"kubectl patch pod %s --namespace %s --type=merge -p '{\"metadata\":{\"finalizers\":null}}'     "+
				"(if whoever has put %s there does not take it away)", pod.Name, namespace, strings.Join(pod.Finalizers, ", "))
	}
	if pod.Spec.NodeName == "" {
		return why, fmt.Sprintf("kubectl delete pod %s --namespace %s --force", pod.Name, namespace)
	}
	return why + ": its node " + pod.Spec.NodeName + " does not say that its containers have ended", fmt.Sprintf(
		"kubectl get node %s     (if it is not Ready: start it, or make sure that it is off, and then)\n"+
			"kubectl delete pod %s --namespace %s --force     (on a node that still runs, two programs would write to one volume)",
		pod.Spec.NodeName, pod.Name, namespace)
}
