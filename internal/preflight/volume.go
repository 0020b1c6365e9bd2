package preflight

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"

	"github.com/mediawiki-stack/mediawiki-stack/internal/choices"
	"github.com/mediawiki-stack/mediawiki-stack/internal/cluster"
	"github.com/mediawiki-stack/mediawiki-stack/internal/config"
)

// checkVolume compares the settings of a volume with its claim. An existing claim can only grow, and only if its storage class can expand
// volumes; a new claim needs a storage class that exists. part is the first word of the keys.
func (f *Findings) checkVolume(part string, claim *corev1.PersistentVolumeClaim, seen *snapshot, want config.Volume) {
	if claim == nil {
		f.checkClass(part, seen, want.StorageClass)
		return
	}
	class := ""
	if claim.Spec.StorageClassName != nil {
		class = *claim.Spec.StorageClassName
	}
	if want.StorageClass != "" && want.StorageClass != class {
		f.Problems = append(f.Problems, config.Problem{
			Key: part + ".storageClass", Found: fmt.Sprintf("%q, but claim %s was created with %q", want.StorageClass, claim.Name, class),
			Want: "the class it was created with: a volume cannot move to another class",
			Fix:  "pulumi config set --path " + part + ".storageClass " + class,
		})
	}
	size := claim.Spec.Resources.Requests.Storage()
	problem := config.Problem{
		Key: part + ".size", Found: fmt.Sprintf("%q, but claim %s has %s", want.Size, claim.Name, size),
		Fix: "pulumi config set --path " + part + ".size " + size.String(),
	}
	requested := resource.MustParse(want.Size) // config has checked it
	switch order := requested.Cmp(*size); {
	case order < 0:
		problem.Want = "this size or a larger one: a volume cannot shrink"
	case order > 0 && !seen.canExpand(class):
		problem.Want = fmt.Sprintf("the current size: storage class %s cannot expand a volume", class)
		if storage := seen.classes[class]; storage != nil && storage.Provisioner == "microk8s.io/hostpath" {
			problem.Want += " (nor does it enforce a size: the disk is the limit)"
		}
	default:
		return
	}
	f.Problems = append(f.Problems, problem)
}

// checkClass checks that the storage class of a new claim exists.
func (f *Findings) checkClass(part string, seen *snapshot, want string) {
	key, names := part+".storageClass", strings.Join(seen.classNames(), ", ")
	if want != "" && seen.classes[want] == nil {
		f.Problems = append(f.Problems, config.Problem{
			Key: key, Found: fmt.Sprintf("%q, which does not exist in the cluster", want),
			Want: "one of " + names, Fix: "pulumi config rm --path " + key,
		})
	}
	if want == "" && !seen.hasDefaultClass() {
		problem := config.Problem{
			Key: key, Found: "not set, and the cluster has no default storage class", Want: "a storage class; the cluster has none",
			Fix: cluster.OnTheMachine("microk8s enable hostpath-storage"),
		}
		if names != "" {
			problem.Want = "one of " + names
			problem.Fix = fmt.Sprintf("pulumi config set --path %s %s", key, seen.classNames()[0])
		}
		f.Problems = append(f.Problems, problem)
	}
}

// checkAccessMode refuses another access mode than that of the claim for uploads, and warns if it ties all Pods to one node.
func (f *Findings) checkAccessMode(seen *snapshot, cfg *config.Config) {
	mode := cfg.Wiki.Uploads.AccessMode
	if claim := seen.uploads; claim != nil && len(claim.Spec.AccessModes) > 0 && string(claim.Spec.AccessModes[0]) != mode {
		f.Problems = append(f.Problems, config.Problem{
			Key:   "uploads.accessMode",
			Found: fmt.Sprintf("%q, but claim %s was created with %q", mode, claim.Name, claim.Spec.AccessModes[0]),
			Want:  "the mode it was created with: it is immutable",
			Fix:   fmt.Sprintf("pulumi config set --path uploads.accessMode %s", claim.Spec.AccessModes[0]),
		})
	}
	if mode == choices.ReadWriteOnce && seen.nodes > 1 && cfg.Replicas > 0 {
		f.Warnings = append(f.Warnings, fmt.Sprintf("the volume for uploads can be mounted on only one node at a time "+
			"(uploads.accessMode %s): all Pods of the wiki share one of the %d nodes", mode, seen.nodes))
	}
}

func (s *snapshot) classNames() []string { return slices.Sorted(maps.Keys(s.classes)) }

func (s *snapshot) canExpand(class string) bool {
	storage := s.classes[class]
	return storage != nil && storage.AllowVolumeExpansion != nil && *storage.AllowVolumeExpansion
}

func (s *snapshot) hasDefaultClass() bool {
	for _, class := range s.classes {
		if class.Annotations["storageclass.kubernetes.io/is-default-class"] == "true" {
			return true
		}
	}
	return false
}
