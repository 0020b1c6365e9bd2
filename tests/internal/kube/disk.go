package kube

import (
	"context"
	"encoding/json"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// EphemeralStorage returns how much each Pod of the namespace has written to its node, in MiB, as the kubelets have measured it within the
// last minute or so.
func (n *Namespace) EphemeralStorage(ctx context.Context) (map[string]float64, error) {
	nodes, err := n.Kube.CoreV1().Nodes().List(ctx, metav1.ListOptions{})
	if err != nil {
		return nil, err
	}
	used := map[string]float64{}
	for _, node := range nodes.Items {
		kubelet := n.Kube.CoreV1().RESTClient().Get().Resource("nodes").Name(node.Name).SubResource("proxy")
		text, err := kubelet.Suffix("stats", "summary").DoRaw(ctx)
		if err != nil {
			return nil, err
		}
		var summary struct {
			Pods []struct {
				PodRef           struct{ Name, Namespace string }
				EphemeralStorage struct{ UsedBytes float64 } `json:"ephemeral-storage"`
			}
		}
		if err := json.Unmarshal(text, &summary); err != nil {
			return nil, err
		}
		for _, pod := range summary.Pods {
			if pod.PodRef.Namespace == n.Name {
				used[pod.PodRef.Name] = pod.EphemeralStorage.UsedBytes / (1 << 20)
			}
		}
	}
	return used, nil
}
