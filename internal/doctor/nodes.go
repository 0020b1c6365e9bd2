package doctor

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/dustin/go-humanize"
	"github.com/dustin/go-humanize/english"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/mediawiki-stack/mediawiki-stack/internal/cluster"
	"github.com/mediawiki-stack/mediawiki-stack/internal/sizes"
)

// architectures are those that have official images of both MediaWiki and MariaDB.
var architectures = []string{"amd64", "arm64", "ppc64le", "s390x"}

// nodes checks that there are nodes and that they can run the wiki's images.
func nodes(ctx context.Context, e *Environment) ([]Finding, error) {
	list, err := e.Client.CoreV1().Nodes().List(ctx, metav1.ListOptions{})
	if err != nil {
		return nil, err
	}
	if len(list.Items) == 0 {
		return []Finding{{
			Level: Failure, What: "there are none", Why: "no Pod can run", Fix: cluster.OnTheMachine("microk8s inspect"),
		}}, nil
	}
	homes, err := e.homes(ctx)
	if err != nil {
		return nil, err
	}
	var found []Finding
	described := make([]string, 0, len(list.Items))
	for i := range list.Items {
		node := &list.Items[i]
		found = append(found, conditions(node, homes)...)
		info := node.Status.NodeInfo
		if !slices.Contains(architectures, info.Architecture) {
			found = append(found, Finding{
				Level: Failure, What: fmt.Sprintf("%s has architecture %s", node.Name, info.Architecture),
				Why: "there is no MariaDB image for it; a Raspberry Pi needs a 64-bit operating system",
				Fix: "uname -m     (on that machine; a 64-bit system prints aarch64)",
			})
		}
		described = append(described, fmt.Sprintf("%s (%s, %s, %s)", node.Name, info.Architecture, info.OSImage, info.KubeletVersion))
	}
	return orOK(found, passed("%s: %s", english.Plural(len(described), "node", ""), strings.Join(described, ", "))), nil
}

// conditions returns what is wrong with a node. homes are the nodes of claims, by the claims' names.
func conditions(node *corev1.Node, homes map[string]string) []Finding {
	var found []Finding
	for _, condition := range node.Status.Conditions {
		switch {
		case condition.Type == corev1.NodeReady && condition.Status != corev1.ConditionTrue:
			finding := Finding{
				Level: Failure, What: fmt.Sprintf("%s is not ready: %s", node.Name, condition.Message),
				Why: "no Pod is started on it, and its Pods are replaced elsewhere", Fix: cluster.KubeletLog(node.Name),
			}
			var only []string
			for _, claim := range slices.Sorted(maps.Keys(homes)) {
				if homes[claim] == node.Labels[corev1.LabelHostname] {
					only = append(only, claim)
				}
			}
			if len(only) > 0 {
				finding.Why = "no Pod is started on it, and Pods that mount " + strings.Join(only, ", ") +
					" wait for it: no other node has these volumes"
			}
			if node.Status.NodeInfo.Architecture == "arm64" {
				finding.Why += "; on a Raspberry Pi, the memory cgroup may be off"
				finding.Fix += "\n" + enableCgroup
			}
			found = append(found, finding)
		case condition.Type != corev1.NodeReady && condition.Status == corev1.ConditionTrue:
			found = append(found, Finding{
				Level: Failure, What: fmt.Sprintf("%s has %s: %s", node.Name, condition.Type, condition.Message),
				Why: "Kubernetes evicts Pods from it and starts none", Fix: "kubectl describe node " + node.Name,
			})
		}
	}
	if node.Spec.Unschedulable {
		found = append(found, Finding{
			Level: Warning, What: node.Name + " is cordoned", Why: "no new Pod can start there",
			Fix: "kubectl uncordon " + node.Name,
		})
	}
	return found
}

// defaultRequests returns the memory in bytes that the Pods of a wiki with default settings request during the installation.
func defaultRequests() int64 {
	sum := 0
	wiki := sizes.Default()
	for _, part := range wiki.Pods("") {
		for _, need := range part.Containers {
			sum += part.Count * need.Memory
		}
	}
	return int64(sum) << 20
}

// memory checks how much memory the nodes have left, both unrequested and unused.
func memory(ctx context.Context, e *Environment) ([]Finding, error) {
	list, err := e.Client.CoreV1().Nodes().List(ctx, metav1.ListOptions{})
	if err != nil {
		return nil, err
	}
	all, err := e.Client.CoreV1().Pods(metav1.NamespaceAll).List(ctx, metav1.ListOptions{})
	if err != nil {
		return nil, err
	}
	requested, deployed := map[string]int64{}, false
	for i := range all.Items {
		pod := &all.Items[i]
		if pod.Status.Phase == corev1.PodSucceeded || pod.Status.Phase == corev1.PodFailed {
			continue
		}
		deployed = deployed || pod.Namespace == e.Namespace
		for _, container := range pod.Spec.Containers {
			requested[pod.Spec.NodeName] += container.Resources.Requests.Memory().Value()
		}
	}
	var found []Finding
	left, described := int64(0), make([]string, 0, len(list.Items))
	for i := range list.Items {
		node := &list.Items[i]
		total, used := node.Status.Allocatable.Memory().Value(), requested[node.Name]
		left = max(left, total-used)
		described = append(described, fmt.Sprintf("%s has %s, of which Pods request %s", node.Name, size(total), size(used)))
		stats, err := e.summary(ctx, node.Name, memorySummary)
		if err != nil {
			return nil, err
		}
		if available := stats.Node.Memory.AvailableBytes; available > 0 && available < total/20 {
			found = append(found, Finding{
				Level: Warning, What: fmt.Sprintf("%s has only %s left", node.Name, size(available)),
				Why: "the kernel kills a process that needs more, possibly MariaDB", Fix: "kubectl top pod -A --sort-by=memory",
			})
		}
	}
	if !deployed && left < defaultRequests() {
		found = append(found, Finding{
			Level: Warning, What: fmt.Sprintf("no node has more than %s left for requests of Pods", size(left)),
			Why: fmt.Sprintf("a wiki with default settings requests about %s: its Pods would stay pending", size(defaultRequests())),
			Fix: "pulumi config set profile pi-2g     (for a smaller wiki)",
		})
	}
	return orOK(found, passed("%s", strings.Join(described, "; "))), nil
}

// enableCgroup enables the memory cgroup on a Raspberry Pi.
const enableCgroup = "sudo sed -i '1s/$/ cgroup_enable=memory cgroup_memory=1/' /boot/firmware/cmdline.txt && sudo reboot     (on the Pi)"

// memoryCgroup checks whether the kubelet can measure the memory of containers. Without that no limit works, and MariaDB can use it all.
func memoryCgroup(ctx context.Context, e *Environment) ([]Finding, error) {
	list, err := e.Client.CoreV1().Nodes().List(ctx, metav1.ListOptions{})
	if err != nil {
		return nil, err
	}
	var found []Finding
	for i := range list.Items {
		name := list.Items[i].Name
		stats, err := e.summary(ctx, name, memorySummary)
		if err != nil {
			return nil, err
		}
		if !stats.countsMemory() {
			found = append(found, Finding{
				Level: Failure, What: fmt.Sprintf("is off on %s: its kubelet cannot measure the memory of containers", name),
				Why: "limits do not work, and one Pod can use all memory; newer versions of Kubernetes do not start at all",
				Fix: enableCgroup,
			})
		}
	}
	return orOK(found, passed("is on: limits work")), nil
}

// size formats a number of bytes such as "1.9 GiB".
func size(n int64) string { return humanize.IBytes(uint64(max(0, n))) }
