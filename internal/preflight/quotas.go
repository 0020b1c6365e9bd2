package preflight

import (
	"context"
	"fmt"
	"strings"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/client-go/dynamic"

	"github.com/mediawiki-stack/mediawiki-stack/components"
	"github.com/mediawiki-stack/mediawiki-stack/internal/config"
)

// quotas refuses a wiki that does not fit into a quota of its namespace beside what others have there.
func (f *Findings) quotas(
	ctx context.Context, client dynamic.Interface, own []corev1.Pod, made []corev1.PersistentVolumeClaim, name string, cfg *config.Config,
) error {
	list, err := client.Resource(resourceQuotas).Namespace(cfg.Namespace).List(ctx, metav1.ListOptions{})
	if apierrors.IsForbidden(err) {
		return nil // the API server still says what it does not take
	}
	if err != nil {
		return err
	}
	asks, has := asked(cfg.StackArgs("").PodNeeds(name, cfg.Replicas)), taken(own)
	for i := range made {
		total(asks, corev1.ResourceList{
			corev1.ResourceRequestsStorage:        made[i].Spec.Resources.Requests[corev1.ResourceStorage],
			corev1.ResourcePersistentVolumeClaims: *resource.NewQuantity(1, resource.DecimalSI),
		})
	}
	for i := range list.Items {
		var quota corev1.ResourceQuota
		if err := runtime.DefaultUnstructuredConverter.FromUnstructured(list.Items[i].Object, &quota); err != nil {
			return err
		}
		if len(quota.Spec.Scopes) > 0 || quota.Spec.ScopeSelector != nil {
			continue // for some Pods only, perhaps for none of these
		}
		f.quota(&quota, asks, has, cfg)
	}
	return nil
}

// quota refuses a wiki that asks for more than a quota has left beside others. has is what the wiki has of it already.
func (f *Findings) quota(quota *corev1.ResourceQuota, asks, has corev1.ResourceList, cfg *config.Config) {
	for counted, hard := range quota.Spec.Hard {
		want, ours := asks[canonical(counted)]
		if !ours {
			continue
		}
		others := quota.Status.Used[counted].DeepCopy()
		if others.Sub(has[canonical(counted)]); others.Sign() < 0 {
			others = resource.Quantity{} // the quota is counted after the Pods
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
			Found: fmt.Sprintf("%q, whose quota %s allows %s of %s; others have %s of it, and the wiki needs up to %s",
				cfg.Namespace, quota.Name, hard.String(), counted, others.String(), want.String()),
			Want: "a quota with room for the wiki, one Pod more than it has while Pods are replaced, and the migration",
			Fix: fmt.Sprintf("kubectl edit quota %s --namespace %s\n    or, for a wiki that takes less: %s",
				quota.Name, cfg.Namespace, less),
		})
	}
}

// canonical is the name under which a quota's resource is summed up here.
func canonical(name corev1.ResourceName) corev1.ResourceName {
	switch name {
	case corev1.ResourceCPU, corev1.ResourceMemory:
		return "requests." + name
	case "count/pods":
		return corev1.ResourcePods
	default:
		return name
	}
}

// asked is what a wiki asks for at once at most: what runs all the time, a web Pod more while Pods are replaced, and the largest Job.
func asked(parts []components.PodNeeds) corev1.ResourceList {
	sum, largest := corev1.ResourceList{}, corev1.ResourceList{}
	for _, part := range parts {
		one := corev1.ResourceList{}
		for _, need := range part.Containers {
			add(one, requirements(need))
		}
		one[corev1.ResourcePods] = *resource.NewQuantity(1, resource.DecimalSI)
		count := part.Pods
		switch memory := largest[corev1.ResourceRequestsMemory]; {
		case part.Passing && memory.Cmp(one[corev1.ResourceRequestsMemory]) < 0:
			largest = one
			continue
		case part.Passing:
			continue
		case strings.HasSuffix(part.App, "-app") && count > 0:
			count++
		}
		for range count {
			total(sum, one)
		}
	}
	total(sum, largest)
	return sum
}

// taken is what Pods have of a quota.
func taken(own []corev1.Pod) corev1.ResourceList {
	sum := corev1.ResourceList{}
	for i := range own {
		if own[i].Status.Phase == corev1.PodSucceeded || own[i].Status.Phase == corev1.PodFailed {
			continue
		}
		for _, container := range own[i].Spec.Containers {
			add(sum, container.Resources)
		}
		for _, container := range own[i].Spec.InitContainers {
			if container.RestartPolicy != nil { // it runs beside the others
				add(sum, container.Resources)
			}
		}
		total(sum, corev1.ResourceList{corev1.ResourcePods: *resource.NewQuantity(1, resource.DecimalSI)})
	}
	return sum
}

// add adds a container to what a quota counts.
func add(sum corev1.ResourceList, has corev1.ResourceRequirements) {
	for name, quantity := range has.Requests {
		total(sum, corev1.ResourceList{"requests." + name: quantity})
	}
	for name, quantity := range has.Limits {
		total(sum, corev1.ResourceList{"limits." + name: quantity})
	}
}

func total(sum, more corev1.ResourceList) {
	for name, quantity := range more {
		is := sum[name]
		is.Add(quantity)
		sum[name] = is
	}
}
