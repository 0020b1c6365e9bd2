package wiki

import (
	"encoding/json"
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"

	"github.com/mediawiki-stack/mediawiki-stack/internal/config"
	"github.com/mediawiki-stack/mediawiki-stack/internal/doctor"
	"github.com/mediawiki-stack/mediawiki-stack/internal/marks"
	"github.com/mediawiki-stack/mediawiki-stack/internal/preflight"
	own "github.com/mediawiki-stack/mediawiki-stack/internal/state"
	"github.com/mediawiki-stack/mediawiki-stack/tests/internal/await"
	"github.com/mediawiki-stack/mediawiki-stack/tests/internal/engine"
)

// quotaIsNamed creates a quota on a resource that the wiki's containers do not declare, and follows the preview's advice.
func (w *wiki) quotaIsNamed(t *testing.T) {
	quotas := w.Kube.CoreV1().ResourceQuotas(w.Name)
	_, err := quotas.Create(t.Context(), &corev1.ResourceQuota{
		ObjectMeta: metav1.ObjectMeta{Name: "compute"},
		Spec:       corev1.ResourceQuotaSpec{Hard: corev1.ResourceList{corev1.ResourceLimitsCPU: resource.MustParse("99")}},
	}, metav1.CreateOptions{})
	require.NoError(t, err)
	defer func() { assert.NoError(t, quotas.Delete(t.Context(), "compute", metav1.DeleteOptions{})) }()

	advice := ""
	await.Success(t, "a preview names the quota", func() error {
		problems := w.preflight(t)
		if len(problems) != 1 || !strings.Contains(problems[0].Found, "compute: must specify limits.cpu") {
			return fmt.Errorf("the preview reports %v", problems)
		}
		advice = problems[0].Fix
		return nil
	})
	pod := w.ReadyPods(t, jobPods)
	for name := range pod {
		w.DeletePod(t, name)
	}
	await.Success(t, "the doctor reports that the quota refuses Pods", func() error {
		found := strings.Join(failures(w.examine(t)), "\n")
		if !strings.Contains(found, "gets no Pod") || !strings.Contains(found, advice) {
			return fmt.Errorf("the doctor reports: %s", found)
		}
		return nil
	})

	_, text, _ := strings.Cut(advice, "<<<'")
	var defaults corev1.LimitRange
	require.NoError(t, json.Unmarshal([]byte(strings.TrimSuffix(text, "'")), &defaults))
	ranges := w.Kube.CoreV1().LimitRanges(w.Name)
	_, err = ranges.Create(t.Context(), &defaults, metav1.CreateOptions{})
	require.NoError(t, err)
	defer func() { assert.NoError(t, ranges.Delete(t.Context(), defaults.Name, metav1.DeleteOptions{})) }()
	await.Success(t, "Pods are admitted after the advice was followed", func() error {
		if problems := w.preflight(t); len(problems) > 0 {
			return fmt.Errorf("the preview reports %v", problems)
		}
		if ready := w.ReadyPods(t, jobPods); len(ready) != 1 {
			return fmt.Errorf("%d job runner Pods are ready", len(ready))
		}
		return nil
	})
}

// preflight returns the problems that a preview of the wiki would report.
func (w *wiki) preflight(t *testing.T) []config.Problem {
	t.Helper()
	project, err := os.ReadFile(engine.Checkout + "/Pulumi.yaml")
	require.NoError(t, err)
	cfg, err := config.Load(project, &config.Raw{
		Project: "mediawiki", Stack: "wiki", Secret: map[string]bool{"mediawiki:masterSecret": true},
		Values: map[string]string{"mediawiki:masterSecret": w.master, "mediawiki:namespace": w.Name},
	})
	require.NoError(t, err)
	stack := &own.Stack{Label: marks.Stack("mediawiki", "wiki")}
	found, err := preflight.Check(t.Context(), w.Objects, "mediawiki", stack, cfg)
	require.NoError(t, err)
	return found.Problems
}

// unwritableVolumeIsNamed makes the uploads' folder writable for root only, as on clusters that do not apply fsGroup to volumes.
func (w *wiki) unwritableVolumeIsNamed(t *testing.T) {
	folder := w.volumeFolder(t, "mediawiki-uploads")
	info, err := os.Stat(folder)
	require.NoError(t, err)
	require.NoError(t, os.Chmod(folder, 0o755))
	defer func() { assert.NoError(t, os.Chmod(folder, info.Mode())) }()

	found := strings.Join(failures(w.examine(t)), "\n")
	assert.Contains(t, found, "cannot write to mediawiki-uploads")
	assert.Contains(t, found, "sudo chown -R 33:33 DIRECTORY")
	job := w.rerunMigration(t)
	await.Success(t, "the doctor reports that the migration cannot write to the volume", func() error {
		found := strings.Join(failures(w.examine(t)), "\n")
		for _, part := range []string{
			"Job " + job, "user 33:33 cannot write to the volume for uploads: Permission denied", "with mode 755",
		} {
			if !strings.Contains(found, part) {
				return fmt.Errorf("%q is missing; the doctor reports: %s", part, found)
			}
		}
		return nil
	})
	background := metav1.DeletePropagationBackground
	require.NoError(t, w.Kube.BatchV1().Jobs(w.Name).Delete(t.Context(), job, metav1.DeleteOptions{PropagationPolicy: &background}))
}

// rerunMigration creates a Job with the spec of the wiki's migration, and returns its name.
func (w *wiki) rerunMigration(t *testing.T) string {
	t.Helper()
	jobs := w.Kube.BatchV1().Jobs(w.Name)
	list, err := jobs.List(t.Context(), metav1.ListOptions{})
	require.NoError(t, err)
	for i := range list.Items {
		spec := list.Items[i].Spec
		if spec.Template.Labels["app"] != "mediawiki-migration" {
			continue
		}
		spec.Selector, spec.Template.Labels = nil, map[string]string{"app": "mediawiki-migration"}
		again, err := jobs.Create(t.Context(), &batchv1.Job{
			ObjectMeta: metav1.ObjectMeta{GenerateName: "mediawiki-migration-again-"}, Spec: spec,
		}, metav1.CreateOptions{})
		require.NoError(t, err)
		return again.Name
	}
	require.Fail(t, "no migration Job exists")
	return ""
}

// terminatingPodIsNamed deletes a Pod that a finalizer keeps.
func (w *wiki) terminatingPodIsNamed(t *testing.T) {
	pods := w.Kube.CoreV1().Pods(w.Name)
	template := w.Pods(t, jobPods)[0]
	_, err := pods.Create(t.Context(), &corev1.Pod{
		ObjectMeta: metav1.ObjectMeta{Name: "held", Finalizers: []string{"example.org/holds"}},
		Spec: corev1.PodSpec{
			SecurityContext: template.Spec.SecurityContext, NodeSelector: map[string]string{"example.org/none": "here"},
			Containers: []corev1.Container{{
				Name: "held", Image: "localhost/none:1", SecurityContext: template.Spec.Containers[0].SecurityContext,
			}},
		},
	}, metav1.CreateOptions{})
	require.NoError(t, err)
	require.NoError(t, pods.Delete(t.Context(), "held", metav1.DeleteOptions{}))
	environment, err := doctor.NewEnvironment(w.Config)
	require.NoError(t, err)
	environment.Namespace, environment.Name, environment.Now = w.Name, "mediawiki", time.Now().Add(5*time.Minute)
	assert.Contains(t, strings.Join(failures(environment.Examine(t.Context())), "\n"), "kubectl patch pod held --namespace "+w.Name)
	_, err = pods.Patch(t.Context(), "held", types.MergePatchType, []byte(`{"metadata":{"finalizers":null}}`), metav1.PatchOptions{})
	require.NoError(t, err)
}
