package wiki

import (
	"errors"
	"fmt"
	"regexp"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/mediawiki-stack/mediawiki-stack/tests/internal/await"
)

// soon is how long a Pod may take to end. One that is not asked properly takes half a minute, and is killed.
const soon = 20 * time.Second

// terminatesInTime deletes a Pod, and sees that it is gone in time.
func (w *wiki) terminatesInTime(t *testing.T, pod string) {
	t.Helper()
	began := time.Now()
	w.DeletePod(t, pod)
	await.Success(t, pod+" is gone", func() error {
		_, err := w.Kube.CoreV1().Pods(w.Name).Get(t.Context(), pod, metav1.GetOptions{})
		if apierrors.IsNotFound(err) {
			return nil
		}
		return errors.Join(errors.New("it is not"), err)
	})
	took := time.Since(began)
	t.Logf("%s was gone after %s", pod, took.Round(time.Second/10))
	assert.Less(t, took, soon, pod)
}

// runningJobIsFinished deletes the job runner's Pod while it is in the middle of a job.
func (w *wiki) runningJobIsFinished(t *testing.T) {
	pod := w.startJob(t, 6*time.Second)
	w.terminatesInTime(t, pod)
	assert.Equal(t, "0\n", w.asRoot(t, "SELECT COUNT(*) FROM my_wiki.job WHERE job_cmd = 'null'"), "jobs that are not done")
	if soaking {
		pod := w.startJob(t, time.Minute)
		w.DeletePod(t, pod)
		await.Success(t, "another runner has the job that was killed", func() error {
			if tries := w.asRoot(t, "SELECT job_attempts FROM my_wiki.job WHERE job_cmd = 'null'"); tries != "2\n" {
				return fmt.Errorf("it was tried %s times", tries)
			}
			return nil
		})
	}
	w.AwaitReady(t, jobPods, 1)
}

// startJob has the job runner begin a job that takes some time, and returns the runner's Pod.
func (w *wiki) startJob(t *testing.T, takes time.Duration) string {
	t.Helper()
	for pod := range w.AwaitReady(t, jobPods, 1) {
		push := fmt.Sprintf(`MediaWiki\MediaWikiServices::getInstance()->getJobQueueGroup()->push( `+
			`new JobSpecification( 'null', [ 'lives' => 1, 'usleep' => %d ] ) );`, takes.Microseconds())
		_, err := w.Exec(t.Context(), pod, "jobs", push, "php", "/var/www/html/maintenance/run.php", "eval")
		require.NoError(t, err)
		await.Success(t, "a job is at work", func() error { return w.logContains(t, pod, "jobs", regexp.MustCompile("null .* STARTING")) })
		return pod
	}
	return ""
}

// logContains fails unless a container says something.
func (w *wiki) logContains(t *testing.T, pod, container string, text *regexp.Regexp) error {
	t.Helper()
	log, err := w.Kube.CoreV1().Pods(w.Name).GetLogs(pod, &corev1.PodLogOptions{Container: container}).DoRaw(t.Context())
	if err == nil && !text.Match(log) {
		err = fmt.Errorf("it says %s", log)
	}
	return err
}

// drillEndsSoon deletes the Pod of a drill while MariaDB's programs are at work for it.
func (w *wiki) drillEndsSoon(t *testing.T) {
	before := map[string]bool{}
	for _, pod := range w.Pods(t, backupPods) {
		before[pod.Name] = true
	}
	operator, show := w.operator(t)
	ended := make(chan error, 1)
	go func() { ended <- operator.Drill(t.Context(), "", show) }()
	var drill string
	await.Success(t, "the drill is at work", func() error {
		for _, pod := range w.Pods(t, backupPods) {
			if !before[pod.Name] {
				drill = pod.Name
				return w.logContains(t, pod.Name, "drill", regexp.MustCompile("proving"))
			}
		}
		return errors.New("there is no Pod")
	})
	w.terminatesInTime(t, drill)
	require.ErrorContains(t, <-ended, "it was interrupted and does not go on")
}
