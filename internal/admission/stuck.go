package admission

import (
	"fmt"
	"strings"
	"time"

	corev1 "k8s.io/api/core/v1"
)

// tolerance is how long after its grace period a deleted Pod may still exist.
const tolerance = time.Minute

// Stuck returns why a deleted Pod still exists although it should not, and the command that removes it. It returns "" for every other Pod.
func Stuck(pod *corev1.Pod, namespace string, now time.Time) (why, fix string) {
	// The deletion timestamp is the end of the grace period.
	if pod.DeletionTimestamp == nil || now.Sub(pod.DeletionTimestamp.Time) < tolerance {
		return "", ""
	}
	why = fmt.Sprintf("was deleted and should have disappeared by %s", pod.DeletionTimestamp.Time.UTC().Format(time.RFC3339))
	if len(pod.Finalizers) > 0 {
		return why + ": it is waiting for the finalizer " + strings.Join(pod.Finalizers, ", "), fmt.Sprintf(
			"kubectl patch pod %s --namespace %s --type=merge -p '{\"metadata\":{\"finalizers\":null}}'     "+
				"(if the controller that added %s does not remove it)", pod.Name, namespace, strings.Join(pod.Finalizers, ", "))
	}
	if pod.Spec.NodeName == "" {
		return why, fmt.Sprintf("kubectl delete pod %s --namespace %s --force", pod.Name, namespace)
	}
	return why + ": its node " + pod.Spec.NodeName + " does not report that its containers have exited", OutOfService(pod.Spec.NodeName)
}

// OutOfService returns the commands that let Kubernetes replace the Pods of a node that does not answer.
func OutOfService(node string) string {
	return fmt.Sprintf("kubectl get node %[1]s     "+
		"(if it is Ready, restart its kubelet; otherwise start it, or make sure that it is off; then)\n"+
		"kubectl taint nodes %[1]s node.kubernetes.io/out-of-service=off:NoExecute     (deletes its Pods; if the node still runs, two "+
		"of them would write to one volume)\n"+
		"kubectl taint nodes %[1]s node.kubernetes.io/out-of-service-     (before the node is started again)", node)
}
