package preflight

import (
	"context"
	"fmt"
	"slices"
	"strings"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/util/version"
	"k8s.io/client-go/dynamic"

	"github.com/mediawiki-stack/mediawiki-stack/internal/config"
	"github.com/mediawiki-stack/mediawiki-stack/internal/packages"
	"github.com/mediawiki-stack/mediawiki-stack/internal/sizes"
)

// oldestContainerd is the first containerd that mounts images: https://github.com/containerd/containerd/releases/tag/v2.1.0
const oldestContainerd = "2.1"

// checkImageVolumes refuses packages that are images on a cluster that cannot mount images. An API server without the feature leaves their
// volumes and mounts out and creates the Pod without them, so the answer to a dry run shows whether it has the feature.
func (f *Findings) checkImageVolumes(ctx context.Context, client dynamic.Interface, seen *snapshot, cfg *config.Config) error {
	i := slices.IndexFunc(cfg.Wiki.Packages, func(p packages.Package) bool { return p.Image != "" })
	if i < 0 {
		return nil
	}
	namespace := cfg.Namespace
	if seen.namespace == nil {
		namespace = metav1.NamespaceDefault // the stack has yet to create its own
	}
	knows, err := knowsImageVolumes(ctx, client, namespace, cfg)
	if err != nil {
		return err
	}
	why := ""
	switch {
	case !knows:
		why = "the API server does not support image volumes"
	case len(seen.oldRuntimes) > 0:
		why = "these nodes cannot mount images: " + strings.Join(seen.oldRuntimes, ", ")
	default:
		return nil
	}
	key := fmt.Sprintf("packages[%d]", i)
	f.Problems = append(f.Problems, config.Problem{
		Key: key, Found: fmt.Sprintf("image %s, but %s", cfg.Wiki.Packages[i].Image, why),
		Want: "Kubernetes 1.35 or newer (1.33 and 1.34 with the feature gate ImageVolume) with containerd " + oldestContainerd +
			" or newer on each node; or an archive",
		Fix: fmt.Sprintf("pulumi config rm --path '%s.image' && pulumi config rm --path '%[1]s.path' && "+
			"pulumi config set --path '%[1]s.url' https://… && pulumi config set --path '%[1]s.sha256' …", key),
	})
	return nil
}

// knowsImageVolumes reports whether the API server supports image volumes: it tries to create a Pod with one. If the Pod is refused for
// another reason, it returns true, because that reason is reported for the wiki's own Pods.
func knowsImageVolumes(ctx context.Context, client dynamic.Interface, namespace string, cfg *config.Config) (bool, error) {
	pod := similarPod(sizes.Pods{App: "mediawiki-packages", Containers: []sizes.Need{{Memory: 1, MemoryLimit: 1, CPU: 1}}}, cfg)
	pod.Spec.Volumes = []corev1.Volume{{
		Name: "image", VolumeSource: corev1.VolumeSource{Image: &corev1.ImageVolumeSource{Reference: cfg.Image}},
	}}
	object, err := runtime.DefaultUnstructuredConverter.ToUnstructured(pod)
	if err != nil {
		return false, err
	}
	created, err := client.Resource(pods).Namespace(namespace).
		Create(ctx, &unstructured.Unstructured{Object: object}, metav1.CreateOptions{DryRun: []string{metav1.DryRunAll}})
	if err != nil {
		return !apierrors.IsInvalid(err), nil // an older API server takes it for a volume without a source
	}
	var answer corev1.Pod
	if err := convert(created, &answer); err != nil {
		return false, err
	}
	return slices.ContainsFunc(answer.Spec.Volumes, func(v corev1.Volume) bool { return v.Image != nil }), nil
}

// oldRuntime returns the node's name and container runtime if it is a containerd that cannot mount images, or an empty text.
func oldRuntime(node *corev1.Node) string {
	text, isContainerd := strings.CutPrefix(node.Status.NodeInfo.ContainerRuntimeVersion, "containerd://")
	if !isContainerd {
		return ""
	}
	runs, err := version.ParseGeneric(text)
	if err != nil || runs.AtLeast(version.MustParseGeneric(oldestContainerd)) {
		return ""
	}
	return fmt.Sprintf("%s (containerd %s)", node.Name, text)
}
