package operate

import (
	"context"
	"encoding/json"
	"fmt"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/mediawiki-stack/mediawiki-stack/internal/cluster"
	"github.com/mediawiki-stack/mediawiki-stack/internal/parts"
)

// site is what a client of the wiki has to know.
type site struct {
	address        string // which readers type
	user, password string // of an administrator
	private        bool   // whether only users may read
	uploads        struct {
		Enabled bool     `json:"enabled"`
		Types   []string `json:"types"`
	}
}

// site reads the wiki's address, settings and first administrator from its objects.
func (w *Wiki) site(ctx context.Context) (*site, error) {
	web, err := w.web(ctx)
	if err != nil {
		return nil, err
	}
	s := &site{}
	for _, container := range web.Spec.Template.Spec.Containers {
		for _, variable := range container.Env {
			if variable.Name == "MEDIAWIKI_SERVER" {
				s.address = variable.Value
			}
		}
	}
	pod := web.Spec.Template.Spec
	settings, err := w.Client.CoreV1().ConfigMaps(w.Namespace).Get(ctx, volumeOf(pod, "settings").ConfigMap.Name, metav1.GetOptions{})
	if err != nil {
		return nil, err
	}
	values := struct {
		AdminUser string `json:"adminUser"`
		Access    string `json:"access"`
		Uploads   any    `json:"uploads"`
	}{Uploads: &s.uploads}
	if err := json.Unmarshal([]byte(settings.Data["wiki.json"]), &values); err != nil {
		return nil, err
	}
	s.user, s.private = values.AdminUser, values.Access == "private"
	migration, err := w.lastMigration(ctx)
	if err != nil {
		return nil, err
	}
	name := volumeOf(migration.Spec.Template.Spec, "secrets").Secret.SecretName
	secret, err := w.Client.CoreV1().Secrets(w.Namespace).Get(ctx, name, metav1.GetOptions{})
	if err != nil {
		return nil, err
	}
	s.password = string(secret.Data["admin-password"])
	return s, nil
}

// web returns the Deployment that renders pages, which every wiki has.
func (w *Wiki) web(ctx context.Context) (*appsv1.Deployment, error) {
	web, err := w.Client.AppsV1().Deployments(w.Namespace).Get(ctx, parts.Web.Of(w.Name), metav1.GetOptions{})
	if err != nil && !apierrors.IsNotFound(err) {
		return nil, &cluster.Error{
			What: fmt.Sprintf("could not ask the cluster for the wiki in namespace %s: %v", w.Namespace, err), Fix: "wiki doctor",
		}
	}
	if err != nil {
		return nil, &cluster.Error{
			What: fmt.Sprintf("namespace %s has no wiki: %v", w.Namespace, err),
			Fix:  "kubectl get deployment -A     (lists the namespaces that have one)",
		}
	}
	return web, nil
}

// volumeOf returns a volume of a Pod by its name. The program has created the Pod, so it has the volume.
func volumeOf(pod corev1.PodSpec, name string) corev1.Volume {
	for _, volume := range pod.Volumes {
		if volume.Name == name {
			return volume
		}
	}
	return corev1.Volume{VolumeSource: corev1.VolumeSource{
		ConfigMap: &corev1.ConfigMapVolumeSource{}, Secret: &corev1.SecretVolumeSource{},
	}}
}
