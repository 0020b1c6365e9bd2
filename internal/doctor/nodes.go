package doctor

import (
	"context"
	"fmt"
	"slices"
	"strings"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/mediawiki-stack/mediawiki-stack/components"
)

// architectures are those that images of both MediaWiki and MariaDB are published for.
var architectures = []string{"amd64", "arm64", "ppc64le", "s390x"}

// nodes looks at whether they are there and can run the wiki's images.
func nodes(ctx context.Context, p *Patient) ([]Finding, error) {
	list, err := p.Client.CoreV1().Nodes().List(ctx, metav1.ListOptions{})
	if err != nil {
		return nil, err
	}
	if len(list.Items) == 0 {
		return []Finding{{
			Level: Failure, What: "there are none", Why: "nothing can run", Type: onTheMachine("microk8s inspect"),
		}}, nil
	}
	var found []Finding
	described := make([]string, 0, len(list.Items))
	for i := range list.Items {
		node := &list.Items[i]
		found = append(found, conditions(node)...)
		is := node.Status.NodeInfo
		if !slices.Contains(architectures, is.Architecture) {
			found = append(found, Finding{
				Level: Failure, What: fmt.Sprintf("%s is of architecture %s", node.Name, is.Architecture),
				Why:  "there is no MariaDB image for it: a Raspberry Pi needs a 64-bit system",
				Type: "uname -m     (on that machine; aarch64 is right, and comes with a 64-bit system)",
			})
		}
		described = append(described, fmt.Sprintf("%s (%s, %s, %s)", node.Name, is.Architecture, is.OSImage, is.KubeletVersion))
	}
	return worst(found, fine("%s: %s", counted(len(described), "node"), strings.Join(described, ", "))), nil
}

// conditions says what is wrong with a node.
func conditions(node *corev1.Node) []Finding {
	var found []Finding
	look := onTheMachine("journalctl -e -u snap.microk8s.daemon-kubelite")
	for _, condition := range node.Status.Conditions {
		switch {
		case condition.Type == corev1.NodeReady && condition.Status != corev1.ConditionTrue:
			finding := Finding{
				Level: Failure, What: fmt.Sprintf("%s is not ready: %s", node.Name, condition.Message),
				Why: "no Pod is started on it, and those that are there are given up", Type: look,
			}
			if node.Status.NodeInfo.Architecture == "arm64" {
				finding.Why += "; on a Raspberry Pi the memory cgroup may be off"
				finding.Type += "\n" + cgroupOn
			}
			found = append(found, finding)
		case condition.Type != corev1.NodeReady && condition.Status == corev1.ConditionTrue:
			found = append(found, Finding{
				Level: Failure, What: fmt.Sprintf("%s has %s: %s", node.Name, condition.Type, condition.Message),
				Why: "Kubernetes ends Pods on it and starts none", Type: "kubectl describe node " + node.Name,
			})
		}
	}
	if node.Spec.Unschedulable {
		found = append(found, Finding{
			Level: Warning, What: node.Name + " takes no new Pods (cordoned)", Why: "a Pod that is replaced finds no place there",
			Type: "kubectl uncordon " + node.Name,
		})
	}
	return found
}

// wanted returns what the Pods of a wiki with default settings ask for while it is installed, in bytes.
func wanted() int64 {
	sum := 0
	for _, part := range (&components.MediaWikiStackArgs{}).PodNeeds("", components.DefaultReplicas) {
		for _, need := range part.Containers {
			sum += part.Pods * need.Memory
		}
	}
	return int64(sum) << 20
}

// memory looks at what is left of it on the nodes: of what Pods may ask for, and really.
func memory(ctx context.Context, p *Patient) ([]Finding, error) {
	list, err := p.Client.CoreV1().Nodes().List(ctx, metav1.ListOptions{})
	if err != nil {
		return nil, err
	}
	all, err := p.Client.CoreV1().Pods(metav1.NamespaceAll).List(ctx, metav1.ListOptions{})
	if err != nil {
		return nil, err
	}
	asked, here := map[string]int64{}, false
	for i := range all.Items {
		pod := &all.Items[i]
		if pod.Status.Phase == corev1.PodSucceeded || pod.Status.Phase == corev1.PodFailed {
			continue
		}
		here = here || pod.Namespace == p.Namespace
		for _, container := range pod.Spec.Containers {
			asked[pod.Spec.NodeName] += container.Resources.Requests.Memory().Value()
		}
	}
	var found []Finding
	left, described := int64(0), make([]string, 0, len(list.Items))
	for i := range list.Items {
		node := &list.Items[i]
		total, taken := node.Status.Allocatable.Memory().Value(), asked[node.Name]
		left = max(left, total-taken)
		described = append(described, fmt.Sprintf("%s has %s, of which Pods ask for %s", node.Name, binary(total), binary(taken)))
		is, err := p.summary(ctx, node.Name, memorySummary)
		if err != nil {
			return nil, err
		}
		if available := is.Node.Memory.AvailableBytes; available > 0 && available < total/20 {
			found = append(found, Finding{
				Level: Warning, What: fmt.Sprintf("%s has only %s left", node.Name, binary(available)),
				Why: "the kernel will end what asks for more, MariaDB perhaps", Type: "kubectl top pod -A --sort-by=memory",
			})
		}
	}
	if !here && left < wanted() {
		found = append(found, Finding{
			Level: Warning, What: fmt.Sprintf("no node has more than %s left for Pods to ask for", binary(left)),
			Why:  fmt.Sprintf("a wiki with default settings asks for about %s: Pods would stay pending", binary(wanted())),
			Type: "pulumi config set profile pi-2g     (for a wiki that takes less)",
		})
	}
	return worst(found, fine("%s", strings.Join(described, "; "))), nil
}

// cgroupOn is what switches the memory cgroup on, on a Raspberry Pi.
const cgroupOn = "sudo sed -i '1s/$/ cgroup_enable=memory cgroup_memory=1/' /boot/firmware/cmdline.txt && sudo reboot     (on the Pi)"

// memoryCgroup looks at whether the kubelet can count containers' memory: without it no limit holds, and MariaDB can take it all.
func memoryCgroup(ctx context.Context, p *Patient) ([]Finding, error) {
	list, err := p.Client.CoreV1().Nodes().List(ctx, metav1.ListOptions{})
	if err != nil {
		return nil, err
	}
	var found []Finding
	for i := range list.Items {
		name := list.Items[i].Name
		is, err := p.summary(ctx, name, memorySummary)
		if err != nil {
			return nil, err
		}
		if !is.countsMemory() {
			found = append(found, Finding{
				Level: Failure, What: fmt.Sprintf("is off on %s: its kubelet knows no container's memory", name),
				Why: "limits do not hold, and one Pod can take the memory of all; newer Kubernetes does not start at all", Type: cgroupOn,
			})
		}
	}
	return worst(found, fine("is on: limits hold")), nil
}

// binary is a number of bytes as Kubernetes writes sizes, rounded.
func binary(bytes int64) string {
	switch {
	case bytes >= 10<<30:
		return fmt.Sprintf("%dGi", bytes>>30)
	case bytes >= 1<<30:
		return fmt.Sprintf("%.1fGi", float64(bytes)/(1<<30))
	default:
		return fmt.Sprintf("%dMi", bytes>>20)
	}
}
