package kube

import (
	"context"
	"regexp"
	"strconv"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// workingSets matches a container's name, namespace and working set in bytes in a kubelet's metrics.
// https://kubernetes.io/docs/reference/instrumentation/metrics/
var workingSets = regexp.MustCompile(`(?m)^container_memory_working_set_bytes\{container="([^"]*)",namespace="([^"]*)",.*\} (\S+)`)

// WorkingSet returns the memory that all containers of the namespace use, in MiB.
func (n *Namespace) WorkingSet(ctx context.Context) (float64, error) {
	containers, err := n.WorkingSets(ctx)
	var sum float64
	for _, used := range containers {
		sum += used
	}
	return sum, err
}

// WorkingSets returns the memory that the containers of the namespace use, in MiB, by their names. It adds up containers of the same name.
func (n *Namespace) WorkingSets(ctx context.Context) (map[string]float64, error) {
	nodes, err := n.Kube.CoreV1().Nodes().List(ctx, metav1.ListOptions{})
	if err != nil {
		return nil, err
	}
	containers := map[string]float64{}
	for _, node := range nodes.Items {
		kubelet := n.Kube.CoreV1().RESTClient().Get().Resource("nodes").Name(node.Name).SubResource("proxy")
		text, err := kubelet.Suffix("metrics", "resource").DoRaw(ctx)
		if err != nil {
			return nil, err
		}
		for _, found := range workingSets.FindAllStringSubmatch(string(text), -1) {
			bytes, err := strconv.ParseFloat(found[3], 64)
			if err != nil {
				return nil, err
			}
			if found[2] == n.Name {
				containers[found[1]] += bytes / (1 << 20)
			}
		}
	}
	return containers, nil
}
