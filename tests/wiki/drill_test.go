package wiki

import (
	"fmt"
	"regexp"
	"strconv"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	batchv1 "k8s.io/api/batch/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/mediawiki-stack/mediawiki-stack/tests/internal/await"
)

func (w *wiki) drillProvesBackup(t *testing.T) {
	before := w.contents(t)
	name := w.backUp(t)
	taken, err := time.Parse("20060102T150405Z", name)
	require.NoError(t, err)
	operator, show := w.operator(t)
	require.NoError(t, operator.Drill(t.Context(), "", show))
	assert.Equal(t, before, w.contents(t))

	var listed string
	require.NoError(t, operator.Backups(t.Context(), func(line string) { listed += line + "\n" }))
	assert.Regexp(t, name+`: .*, proven \d`, listed)
	for pod := range w.ReadyPods(t, webPods) {
		metrics, err := w.Kube.CoreV1().Pods(w.Name).ProxyGet("http", pod, "8081", "/metrics", nil).DoRaw(t.Context())
		require.NoError(t, err)
		found := regexp.MustCompile(`(?m)^mediawiki_backup_proven_timestamp_seconds (\d+)$`).FindSubmatch(metrics)
		require.NotNil(t, found, "%s", metrics)
		proven, err := strconv.ParseInt(string(found[1]), 10, 64)
		require.NoError(t, err)
		assert.WithinDuration(t, taken, time.Unix(proven, 0), time.Minute)
	}
	// The Job of a scheduled drill is kept. The stack's output provenBackup comes from its log.
	w.runScheduledJob(t, "mediawiki-drill")
	w.Up(t)
	w.Outputs(t, &w.outputs)
	assert.Equal(t, name, w.outputs.ProvenBackup)
}

// runScheduledJob creates a Job as the CronJob controller would on schedule, and waits until it has succeeded.
func (w *wiki) runScheduledJob(t *testing.T, name string) {
	t.Helper()
	cron, err := w.Kube.BatchV1().CronJobs(w.Name).Get(t.Context(), name, metav1.GetOptions{})
	require.NoError(t, err)
	job, err := w.Kube.BatchV1().Jobs(w.Name).Create(t.Context(), &batchv1.Job{
		ObjectMeta: metav1.ObjectMeta{
			GenerateName:    name + "-",
			OwnerReferences: []metav1.OwnerReference{*metav1.NewControllerRef(cron, batchv1.SchemeGroupVersion.WithKind("CronJob"))},
		},
		Spec: cron.Spec.JobTemplate.Spec,
	}, metav1.CreateOptions{})
	require.NoError(t, err)
	await.Success(t, job.Name+" has succeeded", func() error {
		job, err := w.Kube.BatchV1().Jobs(w.Name).Get(t.Context(), job.Name, metav1.GetOptions{})
		if err == nil && job.Status.Succeeded == 0 {
			err = fmt.Errorf("%+v", job.Status)
		}
		return err
	})
}
