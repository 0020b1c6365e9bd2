package unit

import (
	"fmt"
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	appsv1 "k8s.io/api/apps/v1"
	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"

	"github.com/mediawiki-stack/mediawiki-stack/components"
	"github.com/mediawiki-stack/mediawiki-stack/internal/mocks"
	"github.com/mediawiki-stack/mediawiki-stack/internal/parts"
	"github.com/mediawiki-stack/mediawiki-stack/internal/sizes"
)

// The preflight compares these needs with quotas and nodes before any Pod exists.
func TestNeedsAreThoseOfThePods(t *testing.T) {
	for name, args := range map[string]*components.MediaWikiStackArgs{
		"small": wikiArgs(), "copies elsewhere": wikiArgs(onSFTP), "uncached": wikiArgs(uncached), "external": wikiArgs(external),
		"large": wikiArgs(ofProfile(components.ProfileLarge)), "recipe": wikiArgs(recipe),
	} {
		t.Run(name, func(t *testing.T) {
			promise(t, args, func(t *testing.T, r *mocks.Recording) {
				want, found := map[string][]string{}, map[string][]string{}
				wiki := sizes.Of(args)
				for _, part := range wiki.Pods("mediawiki") {
					for _, need := range part.Containers {
						want[part.App] = append(want[part.App], fmt.Sprint(part.Count, part.Passing, need))
					}
				}
				for _, res := range objects(r) {
					template, runsPods := r.Pods()[res.Name]
					pods, passing, isWorkload := scale(res.Object)
					if !runsPods || !isWorkload || res.Name == parts.Drill("mediawiki") {
						continue // a drill takes less than a backup, at another time
					}
					app := template.Labels["app"]
					for _, c := range runningContainers(template.Spec) {
						found[app] = append(found[app], fmt.Sprint(pods, passing, needOf(c)))
					}
				}
				assert.Len(t, found, len(want), "parts")
				for app := range want {
					assert.ElementsMatch(t, want[app], found[app], app)
				}
			})
		})
	}
}

// scale returns how many Pods a workload has, and whether they end by themselves.
func scale(object mocks.Object) (pods int32, passing, isWorkload bool) {
	switch workload := object.(type) {
	case *appsv1.Deployment:
		return *workload.Spec.Replicas, false, true
	case *appsv1.StatefulSet:
		return *workload.Spec.Replicas, false, true
	case *batchv1.Job, *batchv1.CronJob:
		return 1, true, true
	}
	return 0, false, false
}

// runningContainers returns the containers of a Pod that run at the same time.
func runningContainers(pod corev1.PodSpec) []corev1.Container {
	return slices.DeleteFunc(containers(pod), func(c corev1.Container) bool {
		onlyInitialises := slices.ContainsFunc(pod.InitContainers, func(init corev1.Container) bool { return init.Name == c.Name })
		return onlyInitialises && (c.RestartPolicy == nil || *c.RestartPolicy != corev1.ContainerRestartPolicyAlways)
	})
}

func needOf(c corev1.Container) sizes.Need {
	const mebibyte = 1 << 20
	return sizes.Need{
		CPU:         int(c.Resources.Requests.Cpu().ScaledValue(resource.Milli)),
		Memory:      int(c.Resources.Requests.Memory().Value() / mebibyte),
		MemoryLimit: memoryLimit(c),
		Disk:        int(c.Resources.Requests.StorageEphemeral().Value() / mebibyte),
		DiskLimit:   int(c.Resources.Limits.StorageEphemeral().Value() / mebibyte),
	}
}
