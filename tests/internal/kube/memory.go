package kube

import (
	"context"
	"regexp"
	"strconv"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// workingSets matches a container's namespace and working set in bytes in a kubelet's metrics.
// https://kubernetes.io/docs/reference/instrumentation/metrics/
var workingSets = regexp.MustCompile(`(?m)^container_memory_working_set_bytes\{.*namespace="([^"]*)".*\} (\S+)`)

// WorkingSet returns the memory that all containers of the namespace use, in MiB.
func (n *Namespace) WorkingSet(ctx context.Context) (float64, error) {
	nodes, err := n.Kube.CoreV1().Nodes().List(ctx, metav1.ListOptions{})
	if err != nil {
		return 0, err
	}
	var bytes float64
	for _, node := range nodes.Items {
		kubelet := n.Kube.CoreV1().RESTClient().Get().Resource("nodes").Name(node.Name).SubResource("proxy")
		text, err := kubelet.Suffix("metrics", "resource").DoRaw(ctx)
		if err != nil {
			return 0, err
		}
		for _, found := range workingSets.FindAllStringSubmatch(string(text), -1) {
			value, err := strconv.ParseFloat(found[2], 64)
			if err != nil {
				return 0, err
			}
			if found[1] == n.Name {
				bytes += value
			}
		}
	}
	return bytes / (1 << 20), nil
}
