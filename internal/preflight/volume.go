package preflight

import (
	"fmt"
	"strings"

	"k8s.io/apimachinery/pkg/api/resource"

	"github.com/mediawiki-stack/mediawiki-stack/internal/config"
)

// volume checks what is asked of a claim: one that is there can only grow, and that where its class can expand; a new one needs a
// class that is there. part is the beginning of the keys.
func (f *Findings) volume(part string, made *claim, seen *cluster, want config.Volume) {
	if made == nil {
		f.class(part, seen, want.StorageClass)
		return
	}
	if want.StorageClass != "" && want.StorageClass != made.class {
		f.Problems = append(f.Problems, config.Problem{
			Key: part + ".storageClass", Found: fmt.Sprintf("%q, but claim %s was made with %q", want.StorageClass, made.name, made.class),
			Want: "the class it was made with: a volume does not move",
			Fix:  "pulumi config set --path " + part + ".storageClass " + made.class,
		})
	}
	// Both are quantities: the configuration was checked, the other one comes from the API server.
	size, has := resource.MustParse(want.Size), resource.MustParse(made.size)
	key, back := part+".size", "pulumi config set --path "+part+".size "+made.size
	switch order := size.Cmp(has); {
	case order < 0:
		f.Problems = append(f.Problems, config.Problem{
			Key: key, Found: fmt.Sprintf("%q, but claim %s has %s", want.Size, made.name, made.size),
			Want: "as much or more: a volume does not shrink", Fix: back,
		})
	case order > 0 && !seen.classes[made.class].expands:
		problem := config.Problem{
			Key: key, Found: fmt.Sprintf("%q, but claim %s has %s", want.Size, made.name, made.size),
			Want: fmt.Sprintf("the size it has: storage class %s cannot expand a volume", made.class), Fix: back,
		}
		if seen.classes[made.class].provisioner == "microk8s.io/hostpath" {
			problem.Want += " (nor does it enforce a size: the disk is the limit)"
		}
		f.Problems = append(f.Problems, problem)
	}
}

// class checks that a new claim will find its storage class.
func (f *Findings) class(part string, seen *cluster, want string) {
	key := part + ".storageClass"
	if _, there := seen.classes[want]; want != "" && !there {
		f.Problems = append(f.Problems, config.Problem{
			Key: key, Found: fmt.Sprintf("%q, which the cluster does not have", want),
			Want: "one of " + strings.Join(seen.classNames(), ", "), Fix: "pulumi config rm --path " + key,
		})
	}
	if want == "" && !seen.hasDefault() {
		f.Problems = append(f.Problems, config.Problem{
			Key: key, Found: "not set, and the cluster has no default storage class", Want: "a class; the cluster has " +
				strings.Join(append(seen.classNames(), "no other"), ", "),
			Fix: "microk8s enable hostpath-storage     (on the cluster's machine)",
		})
	}
}
