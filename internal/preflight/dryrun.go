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

	"github.com/mediawiki-stack/mediawiki-stack/internal/admission"
	"github.com/mediawiki-stack/mediawiki-stack/internal/choices"
	"github.com/mediawiki-stack/mediawiki-stack/internal/config"
	"github.com/mediawiki-stack/mediawiki-stack/internal/packages"
	"github.com/mediawiki-stack/mediawiki-stack/internal/parts"
	"github.com/mediawiki-stack/mediawiki-stack/internal/sizes"
)

// tryCreating sends a Pod of each part and each missing claim to the API server as a dry run, which creates nothing: quotas, limit ranges
// and webhooks answer as they would later. [Findings.checkQuotas] finds out whether all of them fit into a quota together.
func (f *Findings) tryCreating(
	ctx context.Context, client dynamic.Interface, deployed bool, missing []corev1.PersistentVolumeClaim, name string, cfg *config.Config,
) error {
	var attempts []*attempt
	wiki := sizes.Of(cfg)
	for _, part := range wiki.Pods(name) {
		if part.Count > 0 {
			pod := similarPod(part, cfg)
			attempts = append(attempts, &attempt{what: "Pod of " + part.App, resource: pods, name: pod.Name, object: pod})
		}
	}
	for i := range missing {
		claim := &missing[i]
		attempts = append(attempts, &attempt{what: "claim " + claim.Name, resource: claims, name: claim.Name, object: claim})
	}
	group, ctx := errgroup.WithContext(ctx)
	for _, attempt := range attempts {
		group.Go(func() error { return attempt.create(ctx, client, cfg.Namespace, deployed) })
	}
	if err := group.Wait(); err != nil {
		return err
	}
	reported := map[string]bool{}
	for _, attempt := range attempts {
		// A namespace refuses most of them for the same reason. Only the names of Pods and containers differ.
		reason, _, _ := strings.Cut(strings.ReplaceAll(attempt.refusal, attempt.name, ""), " for: ")
		if reason == "" || reported[reason] {
			continue
		}
		reported[reason] = true
		f.Problems = append(f.Problems, config.Problem{
			Key: "namespace", Found: fmt.Sprintf("%q, which does not admit the %s: %s", cfg.Namespace, attempt.what, attempt.refusal),
			Want: "a namespace that admits every object of the wiki",
			Fix:  strings.ReplaceAll(admission.Fix(cfg.Namespace, attempt.refusal), "\n", "\n    or: "),
		})
	}
	return nil
}

// attempt is a dry run of creating an object.
type attempt struct {
	what     string // for messages
	resource schema.GroupVersionResource
	name     string
	object   runtime.Object
	refusal  string // why the API server does not admit it; empty if it does
}

func (a *attempt) create(ctx context.Context, client dynamic.Interface, namespace string, deployed bool) error {
	object, err := runtime.DefaultUnstructuredConverter.ToUnstructured(a.object)
	if err != nil {
		return err
	}
	_, err = client.Resource(a.resource).Namespace(namespace).
		Create(ctx, &unstructured.Unstructured{Object: object}, metav1.CreateOptions{DryRun: []string{metav1.DryRunAll}})
	a.refusal = refusal(err, deployed)
	return nil
}

// refusal returns why the API server does not admit an object, or "".
func refusal(err error, deployed bool) string {
	if !apierrors.IsForbidden(err) && !apierrors.IsInternalError(err) && !apierrors.IsInvalid(err) {
		return "" // it is admitted, or there is already one with its name
	}
	reason := err.Error()
	if _, after, found := strings.Cut(reason, "is forbidden: "); found {
		reason = after
	}
	switch {
	case strings.Contains(reason, "error looking up service account"): // Kubernetes creates it a moment after the namespace
		return ""
	case strings.Contains(reason, "cannot create resource"): // the user may lack rights that the controllers have
		return ""
	case deployed && strings.Contains(reason, "exceeded quota"): // running Pods are in the quota already
		return ""
	}
	return reason
}

// missingClaims returns the claims of a wiki that do not exist yet.
func missingClaims(seen *snapshot, name string, cfg *config.Config) []corev1.PersistentVolumeClaim {
	if cfg.Database.Mode == choices.DatabaseSidecar {
		return nil
	}
	var missing []corev1.PersistentVolumeClaim
	add := func(claimName string, existing *corev1.PersistentVolumeClaim, volume config.Volume, mode string) {
		if existing != nil {
			return
		}
		claim := corev1.PersistentVolumeClaim{
			TypeMeta:   metav1.TypeMeta{APIVersion: "v1", Kind: "PersistentVolumeClaim"},
			ObjectMeta: metav1.ObjectMeta{Name: claimName},
			Spec: corev1.PersistentVolumeClaimSpec{
				AccessModes: []corev1.PersistentVolumeAccessMode{corev1.PersistentVolumeAccessMode(mode)},
				Resources: corev1.VolumeResourceRequirements{
					Requests: corev1.ResourceList{corev1.ResourceStorage: resource.MustParse(volume.Size)}, // config has checked it
				},
			},
		}
		if volume.StorageClass != "" {
			claim.Spec.StorageClassName = &volume.StorageClass
		}
		missing = append(missing, claim)
	}
	if cfg.Database.Mode == choices.DatabaseStatefulSet {
		add(parts.Database.Of(name), seen.database, cfg.Database.Volume, choices.ReadWriteOnce)
	}
	if cfg.Database.Replicas > 1 {
		add(parts.Database2.Of(name), seen.database2, cfg.Database.Volume, choices.ReadWriteOnce)
	}
	add(parts.UploadsClaim(name), seen.uploads, cfg.Wiki.Uploads.Volume, cfg.Wiki.Uploads.AccessMode)
	if packages.HasArchives(cfg.Wiki.Packages) {
		add(parts.PackagesClaim(name), seen.packages, cfg.PackageVolume(), cfg.Wiki.Uploads.AccessMode)
	}
	add(parts.BackupsClaim(name), seen.backups, cfg.Backups.Volume, choices.ReadWriteOnce)
	return missing
}

func podName(part sizes.Pods) string { return part.App + "-dry-run" }

// similarPod returns a Pod with the same resources and security context as the Pods of a part.
func similarPod(part sizes.Pods, cfg *config.Config) *corev1.Pod {
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
			Name: fmt.Sprintf("c%d", i), Image: cfg.Image, Resources: requirements(need),
			SecurityContext: &corev1.SecurityContext{
				AllowPrivilegeEscalation: &no, ReadOnlyRootFilesystem: &yes,
				Capabilities: &corev1.Capabilities{Drop: []corev1.Capability{"ALL"}},
			},
		}
		pod.Spec.Containers = append(pod.Spec.Containers, container)
	}
	return pod
}
