package preflight

import (
	"context"
	"fmt"
	"strings"

	"golang.org/x/sync/errgroup"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/client-go/dynamic"

	"github.com/mediawiki-stack/mediawiki-stack/components"
	"github.com/mediawiki-stack/mediawiki-stack/internal/admission"
	"github.com/mediawiki-stack/mediawiki-stack/internal/config"
)

// try asks the API server whether it would take a Pod of each part and each new claim, which makes none: quotas, limit ranges and webhooks
// answer as they will. Whether all fit into a quota at once is for [Findings.quotas] to say.
func (f *Findings) try(
	ctx context.Context, client dynamic.Interface, runs bool, made []corev1.PersistentVolumeClaim, name string, cfg *config.Config,
) error {
	var tries []*attempt
	for _, part := range cfg.StackArgs("").PodNeeds(name, cfg.Replicas) {
		if part.Pods > 0 {
			tries = append(tries, &attempt{of: "Pod of " + part.App, object: podLike(part, cfg), resource: pods, name: podName(part)})
		}
	}
	for i := range made {
		tries = append(tries, &attempt{of: "claim " + made[i].Name, object: &made[i], resource: claims, name: made[i].Name})
	}
	group, ctx := errgroup.WithContext(ctx)
	for _, attempt := range tries {
		group.Go(func() error { return attempt.make(ctx, client, cfg.Namespace, runs) })
	}
	if err := group.Wait(); err != nil {
		return err
	}
	said := map[string]bool{}
	for _, attempt := range tries {
		// A namespace says the same of most of them, but for the names of Pods and containers.
		reason, _, _ := strings.Cut(strings.ReplaceAll(attempt.refused, attempt.name, ""), " for: ")
		if reason == "" || said[reason] {
			continue
		}
		said[reason] = true
		f.Problems = append(f.Problems, config.Problem{
			Key: "namespace", Found: fmt.Sprintf("%q, which takes no %s: %s", cfg.Namespace, attempt.of, attempt.refused),
			Want: "a namespace that takes what the wiki is made of",
			Fix:  strings.ReplaceAll(admission.Fix(cfg.Namespace, attempt.refused), "\n", "\n    or: "),
		})
	}
	return nil
}

// attempt is an object that the API server is asked to take.
type attempt struct {
	of       string // as people say it
	name     string
	object   runtime.Object
	resource schema.GroupVersionResource
	refused  string // what the API server says against it; empty if it takes it
}

func (a *attempt) make(ctx context.Context, client dynamic.Interface, namespace string, runs bool) error {
	object, err := runtime.DefaultUnstructuredConverter.ToUnstructured(a.object)
	if err != nil {
		return err
	}
	_, err = client.Resource(a.resource).Namespace(namespace).
		Create(ctx, &unstructured.Unstructured{Object: object}, metav1.CreateOptions{DryRun: []string{metav1.DryRunAll}})
	a.refused = refusal(err, runs)
	return nil
}

// refusal is what an answer of the API server says against an object.
func refusal(err error, runs bool) string {
	if !apierrors.IsForbidden(err) && !apierrors.IsInternalError(err) && !apierrors.IsInvalid(err) {
		return "" // it is taken, or there is one of its name
	}
	reason := err.Error()
	if _, after, found := strings.Cut(reason, "is forbidden: "); found {
		reason = after
	}
	passing := strings.Contains(reason, "error looking up service account") // which Kubernetes makes a moment after the namespace
	// Controllers make Pods with other rights than those of whoever makes Deployments. A Pod that runs is in the quota already.
	if passing || strings.Contains(reason, "cannot create resource") || runs && strings.Contains(reason, "exceeded quota") {
		return ""
	}
	return reason
}

// newClaims are the claims of a wiki that are not there yet.
func newClaims(seen *cluster, name string, cfg *config.Config) []corev1.PersistentVolumeClaim {
	if cfg.Database.Mode == components.DatabaseSidecar {
		return nil
	}
	var made []corev1.PersistentVolumeClaim
	add := func(suffix string, there *claim, volume config.Volume, mode string) {
		if there != nil {
			return
		}
		claim := corev1.PersistentVolumeClaim{
			TypeMeta:   metav1.TypeMeta{APIVersion: "v1", Kind: "PersistentVolumeClaim"},
			ObjectMeta: metav1.ObjectMeta{Name: name + suffix},
			Spec: corev1.PersistentVolumeClaimSpec{
				AccessModes: []corev1.PersistentVolumeAccessMode{corev1.PersistentVolumeAccessMode(mode)},
				Resources: corev1.VolumeResourceRequirements{
					Requests: corev1.ResourceList{corev1.ResourceStorage: resource.MustParse(volume.Size)}, // which was checked
				},
			},
		}
		if volume.StorageClass != "" {
			claim.Spec.StorageClassName = &volume.StorageClass
		}
		made = append(made, claim)
	}
	if cfg.Database.Mode == components.DatabaseStatefulSet {
		add("-db", seen.database, cfg.Database.Volume, components.ReadWriteOnce)
	}
	add("-uploads", seen.uploads, cfg.Uploads.Volume, cfg.Uploads.AccessMode)
	add("-backups", seen.backups, cfg.Backups.Volume, components.ReadWriteOnce)
	return made
}

func podName(part components.PodNeeds) string { return part.App + "-asked-for" }

// podLike is a Pod that asks for what those of a part ask for, and is as restricted.
func podLike(part components.PodNeeds, cfg *config.Config) *corev1.Pod {
	yes, no, id := true, false, int64(1000)
	pod := &corev1.Pod{
		TypeMeta:   metav1.TypeMeta{APIVersion: "v1", Kind: "Pod"},
		ObjectMeta: metav1.ObjectMeta{Name: podName(part), Labels: map[string]string{"app": part.App}},
		Spec: corev1.PodSpec{
			AutomountServiceAccountToken: &no,
			SecurityContext: &corev1.PodSecurityContext{
				RunAsNonRoot: &yes, RunAsUser: &id, SeccompProfile: &corev1.SeccompProfile{Type: corev1.SeccompProfileTypeRuntimeDefault},
			},
		},
	}
	for i, need := range part.Containers {
		container := corev1.Container{
			Name: fmt.Sprintf("c%d", i), Image: cfg.MediaWikiImage, Resources: requirements(need),
			SecurityContext: &corev1.SecurityContext{
				AllowPrivilegeEscalation: &no, ReadOnlyRootFilesystem: &yes,
				Capabilities: &corev1.Capabilities{Drop: []corev1.Capability{"ALL"}},
			},
		}
		pod.Spec.Containers = append(pod.Spec.Containers, container)
	}
	return pod
}

func requirements(n components.Need) corev1.ResourceRequirements {
	if n == (components.Need{}) {
		return corev1.ResourceRequirements{}
	}
	mebibytes := func(n int) resource.Quantity { return *resource.NewQuantity(int64(n)<<20, resource.BinarySI) }
	return corev1.ResourceRequirements{
		Requests: corev1.ResourceList{
			corev1.ResourceCPU: *resource.NewMilliQuantity(int64(n.CPU), resource.DecimalSI), corev1.ResourceMemory: mebibytes(n.Memory),
		},
		Limits: corev1.ResourceList{corev1.ResourceMemory: mebibytes(n.MemoryLimit)},
	}
}
