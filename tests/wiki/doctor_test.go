package wiki

import (
	"crypto/tls"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/mediawiki-stack/mediawiki-stack/internal/doctor"
	"github.com/mediawiki-stack/mediawiki-stack/tests/internal/await"
)

// doctorFindsFaults runs the doctor on a healthy wiki, after broken objects were added, and after they were removed.
func (w *wiki) doctorFindsFaults(t *testing.T) {
	healthy := w.examine(t)
	assert.Empty(t, failures(healthy), "failures of a healthy wiki")
	levels := map[string]doctor.Level{}
	for _, f := range healthy {
		levels[f.About] = f.Level
	}
	for _, check := range []string{"RBAC", "network policies", "DNS", "memory cgroup", "certificates", "claims", "site", "images"} {
		assert.Equal(t, doctor.OK, levels[check], check)
	}

	remove := w.addBrokenObjects(t)
	defer remove()
	await.Success(t, "the doctor names each broken object and the reason", func() error {
		found := failures(w.examine(t))
		for _, want := range [][]string{
			{"rollout: spoiled has 0 of 1 Pod ready"},
			{"Pods: spoiled-", "localhost/mediawiki:none", "images.mediawiki"},
			{"claims: spoiled is Pending", `storageclass.storage.k8s.io "none" not found`},
		} {
			matches := func(failure string) bool {
				return !slices.ContainsFunc(want, func(part string) bool { return !strings.Contains(failure, part) })
			}
			if !slices.ContainsFunc(found, matches) {
				return fmt.Errorf("no failure contains %q; failures:\n%s", want, strings.Join(found, "\n"))
			}
		}
		return nil
	})
}

// addBrokenObjects creates a Deployment with a missing image and a claim with a missing storage class. The returned function deletes both
// and waits until the doctor finds no failure.
func (w *wiki) addBrokenObjects(t *testing.T) func() {
	t.Helper()
	const name = "spoiled"
	deployments := w.Kube.AppsV1().Deployments(w.Name)
	list, err := deployments.List(t.Context(), metav1.ListOptions{})
	require.NoError(t, err)
	i := slices.IndexFunc(list.Items, func(d appsv1.Deployment) bool { return strings.HasPrefix(d.Name, "mediawiki-jobs") })
	require.GreaterOrEqual(t, i, 0)
	spec := list.Items[i].Spec
	labels := map[string]string{"app": name}
	spec.Selector, spec.Template.Labels = &metav1.LabelSelector{MatchLabels: labels}, labels
	spec.Template.Spec.InitContainers = nil
	spec.Template.Spec.Containers[0].Image = "localhost/mediawiki:none"
	_, err = deployments.Create(t.Context(),
		&appsv1.Deployment{ObjectMeta: metav1.ObjectMeta{Name: name}, Spec: spec}, metav1.CreateOptions{})
	require.NoError(t, err)

	class, claims := "none", w.Kube.CoreV1().PersistentVolumeClaims(w.Name)
	_, err = claims.Create(t.Context(), &corev1.PersistentVolumeClaim{
		ObjectMeta: metav1.ObjectMeta{Name: name},
		Spec: corev1.PersistentVolumeClaimSpec{
			StorageClassName: &class, AccessModes: []corev1.PersistentVolumeAccessMode{corev1.ReadWriteOnce},
			Resources: corev1.VolumeResourceRequirements{
				Requests: corev1.ResourceList{corev1.ResourceStorage: resource.MustParse("1Gi")},
			},
		},
	}, metav1.CreateOptions{})
	require.NoError(t, err)
	return func() {
		foreground := metav1.DeletePropagationForeground
		require.NoError(t, deployments.Delete(t.Context(), name, metav1.DeleteOptions{PropagationPolicy: &foreground}))
		require.NoError(t, claims.Delete(t.Context(), name, metav1.DeleteOptions{}))
		await.Success(t, "the doctor finds no failure", func() error {
			if found := failures(w.examine(t)); len(found) > 0 {
				return fmt.Errorf("failures: %s", strings.Join(found, "\n"))
			}
			return nil
		})
	}
}

// examine returns the doctor's findings.
func (w *wiki) examine(t *testing.T) []doctor.Finding {
	t.Helper()
	environment, err := doctor.NewEnvironment(w.Config)
	require.NoError(t, err)
	environment.Namespace, environment.Name = w.Name, "mediawiki"
	if w.proxy != nil {
		// The doctor trusts the machine's certificate authorities; add the proxy's.
		machine := http.DefaultTransport.(*http.Transport)
		defer func(before *tls.Config) { machine.TLSClientConfig = before }(machine.TLSClientConfig)
		machine.TLSClientConfig = &tls.Config{RootCAs: w.proxy.Authorities, MinVersion: tls.VersionTLS12}
	}
	return environment.Examine(t.Context())
}

// failures returns the findings of level Failure as text.
func failures(findings []doctor.Finding) []string {
	var texts []string
	for _, f := range findings {
		if f.Level == doctor.Failure {
			texts = append(texts, f.About+": "+strings.Join(append([]string{f.What, f.Why, f.Fix}, f.Details...), "\n"))
		}
	}
	return texts
}
