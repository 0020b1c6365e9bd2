package preflight

import (
	"context"
	"fmt"
	"strings"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/resource"
	"k8s.io/client-go/dynamic"

	"github.com/mediawiki-stack/mediawiki-stack/internal/config"
	"github.com/mediawiki-stack/mediawiki-stack/internal/sizes"
)

// checkQuotas refuses a wiki that does not fit into a quota of its namespace together with what others use there.
func (f *Findings) checkQuotas(
	ctx context.Context, client dynamic.Interface, own []corev1.Pod, missing []corev1.PersistentVolumeClaim, name string,
	cfg *config.Config,
) error {
	quotas, err := list[corev1.ResourceQuota](ctx, client.Resource(resourceQuotas).Namespace(cfg.Namespace))
	if apierrors.IsForbidden(err) {
		return nil // the dry runs still find single objects that are refused
	}
	if err != nil {
		return err
	}
	wiki := sizes.Of(cfg)
	needed, used := peak(wiki.Pods(name)), usage(own)
	for i := range missing {
		addTo(needed, corev1.ResourceList{
			corev1.ResourceRequestsStorage:        missing[i].Spec.Resources.Requests[corev1.ResourceStorage],
			corev1.ResourcePersistentVolumeClaims: *resource.NewQuantity(1, resource.DecimalSI),
		})
	}
	for i := range quotas {
		quota := &quotas[i]
		if len(quota.Spec.Scopes) > 0 || quota.Spec.ScopeSelector != nil {
			continue // it counts only some Pods, perhaps none of these
		}
		f.checkQuota(quota, needed, used, cfg)
	}
	return nil
}

// checkQuota refuses a wiki that needs more than a quota leaves beside others. used is the wiki's own current share.
func (f *Findings) checkQuota(quota *corev1.ResourceQuota, needed, used corev1.ResourceList, cfg *config.Config) {
	for counted, hard := range quota.Spec.Hard {
		want, ok := needed[canonical(counted)]
		if !ok {
			continue
		}
		others := quota.Status.Used[counted].DeepCopy()
		if others.Sub(used[canonical(counted)]); others.Sign() < 0 {
			others = resource.Quantity{} // the quota's status lags behind the Pods
		}
		sum := others.DeepCopy()
		if sum.Add(want); sum.Cmp(hard) <= 0 {
			continue
		}
		less := "pulumi config set profile pi-2g"
		if strings.Contains(string(counted), "storage") || counted == corev1.ResourcePersistentVolumeClaims {
			less = "pulumi config set --path uploads.size 2Gi     (database.size, backups.size)"
		}
		f.Problems = append(f.Problems, config.Problem{
			Key: "namespace",
			Found: fmt.Sprintf("%q, whose quota %s allows %s of %s; others use %s of it, and the wiki needs up to %s",
				cfg.Namespace, quota.Name, hard.String(), counted, others.String(), want.String()),
			Want: "a quota with room for the wiki, one more Pod while Pods are replaced, and the migration",
			Fix: fmt.Sprintf("kubectl edit quota %s --namespace %s\n    or, for a smaller wiki: %s",
				quota.Name, cfg.Namespace, less),
		})
	}
}

// canonical maps the names that a quota may have for a resource to one of them.
func canonical(name corev1.ResourceName) corev1.ResourceName {
	switch name {
	case corev1.ResourceCPU, corev1.ResourceMemory, corev1.ResourceEphemeralStorage:
		return "requests." + name
	case "count/pods":
		return corev1.ResourcePods
	default:
		return name
	}
}

// peak returns the most that a wiki requests at one time: all permanent Pods, one more web Pod during a rollout, and the largest Job.
func peak(parts []sizes.Pods) corev1.ResourceList {
	sum, largest := corev1.ResourceList{}, corev1.ResourceList{}
	for _, part := range parts {
		one := corev1.ResourceList{}
		for _, need := range part.Containers {
			addContainer(one, requirements(need))
		}
		one[corev1.ResourcePods] = *resource.NewQuantity(1, resource.DecimalSI)
		count := part.Count
		switch memory := largest[corev1.ResourceRequestsMemory]; {
		case part.Passing && memory.Cmp(one[corev1.ResourceRequestsMemory]) < 0:
			largest = one
			continue
		case part.Passing:
			continue
		case count > 0:
			count += part.Surge
		}
		for range count {
			addTo(sum, one)
		}
	}
	addTo(sum, largest)
	return sum
}

// usage returns how much of a quota Pods use.
func usage(own []corev1.Pod) corev1.ResourceList {
	sum := corev1.ResourceList{}
	for i := range own {
		if own[i].Status.Phase == corev1.PodSucceeded || own[i].Status.Phase == corev1.PodFailed {
			continue
		}
		for _, container := range own[i].Spec.Containers {
			addContainer(sum, container.Resources)
		}
		for _, container := range own[i].Spec.InitContainers {
			if container.RestartPolicy != nil { // a sidecar
				addContainer(sum, container.Resources)
			}
		}
		addTo(sum, corev1.ResourceList{corev1.ResourcePods: *resource.NewQuantity(1, resource.DecimalSI)})
	}
	return sum
}

// addContainer adds a container's resources under the names that a quota has for them.
func addContainer(sum corev1.ResourceList, container corev1.ResourceRequirements) {
	for name, quantity := range container.Requests {
		addTo(sum, corev1.ResourceList{"requests." + name: quantity})
	}
	for name, quantity := range container.Limits {
		addTo(sum, corev1.ResourceList{"limits." + name: quantity})
	}
}

func addTo(sum, more corev1.ResourceList) {
	for name, quantity := range more {
		total := sum[name]
		total.Add(quantity)
		sum[name] = total
	}
}

func requirements(n sizes.Need) corev1.ResourceRequirements {
	if n == (sizes.Need{}) {
		return corev1.ResourceRequirements{}
	}
	mebibytes := func(n int) resource.Quantity { return *resource.NewQuantity(int64(n)<<20, resource.BinarySI) }
	return corev1.ResourceRequirements{
		Requests: corev1.ResourceList{
			corev1.ResourceCPU: *resource.NewMilliQuantity(int64(n.CPU), resource.DecimalSI), corev1.ResourceMemory: mebibytes(n.Memory),
			corev1.ResourceEphemeralStorage: mebibytes(n.Disk),
		},
		Limits: corev1.ResourceList{
			corev1.ResourceMemory: mebibytes(n.MemoryLimit), corev1.ResourceEphemeralStorage: mebibytes(n.DiskLimit),
		},
	}
}
