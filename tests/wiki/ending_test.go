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

// terminationLimit is how long a Pod may take to terminate. One that ignores SIGTERM is killed after half a minute.
const terminationLimit = 20 * time.Second

// terminatesInTime deletes a Pod and checks that it no longer exists after terminationLimit.
func (w *wiki) terminatesInTime(t *testing.T, pod string) {
	t.Helper()
	began := time.Now()
	w.DeletePod(t, pod)
	await.Success(t, pod+" is deleted", func() error {
		_, err := w.Kube.CoreV1().Pods(w.Name).Get(t.Context(), pod, metav1.GetOptions{})
		if apierrors.IsNotFound(err) {
			return nil
		}
		return errors.Join(errors.New("it still exists"), err)
	})
	took := time.Since(began)
	t.Logf("%s terminated after %s", pod, took.Round(time.Second/10))
	assert.Less(t, took, terminationLimit, pod)
}

// runningJobIsFinished deletes the job runner's Pod while it runs a job.
func (w *wiki) runningJobIsFinished(t *testing.T) {
	pod := w.startJob(t, 6*time.Second)
	w.terminatesInTime(t, pod)
	assert.Equal(t, "0\n", w.asRoot(t, "SELECT COUNT(*) FROM my_wiki.job WHERE job_cmd = 'null'"), "unfinished jobs")
	if soaking {
		pod := w.startJob(t, time.Minute)
		w.DeletePod(t, pod)
		await.Success(t, "another runner retries the job that was killed", func() error {
			if tries := w.asRoot(t, "SELECT job_attempts FROM my_wiki.job WHERE job_cmd = 'null'"); tries != "2\n" {
				return fmt.Errorf("it was tried %s times", tries)
			}
			return nil
		})
	}
	w.AwaitReady(t, jobPods, 1)
}

// startJob makes the job runner start a job that takes some time, and returns the runner's Pod.
func (w *wiki) startJob(t *testing.T, takes time.Duration) string {
	t.Helper()
	for pod := range w.AwaitReady(t, jobPods, 1) {
		push := fmt.Sprintf(`MediaWiki\MediaWikiServices::getInstance()->getJobQueueGroup()->push( `+
			`new JobSpecification( 'null', [ 'lives' => 1, 'usleep' => %d ] ) );`, takes.Microseconds())
		_, err := w.Exec(t.Context(), pod, "jobs", push, "php", "/var/www/html/maintenance/run.php", "eval")
		require.NoError(t, err)
		await.Success(t, "a job is running", func() error { return w.logContains(t, pod, "jobs", regexp.MustCompile("null .* STARTING")) })
		return pod
	}
	return ""
}

// logContains returns an error unless a container's log matches.
func (w *wiki) logContains(t *testing.T, pod, container string, text *regexp.Regexp) error {
	t.Helper()
	log, err := w.Kube.CoreV1().Pods(w.Name).GetLogs(pod, &corev1.PodLogOptions{Container: container}).DoRaw(t.Context())
	if err == nil && !text.Match(log) {
		err = fmt.Errorf("the log is: %s", log)
	}
	return err
}

// drillEndsSoon deletes a drill's Pod while MariaDB's programs run in it.
func (w *wiki) drillEndsSoon(t *testing.T) {
	before := map[string]bool{}
	for _, pod := range w.Pods(t, backupPods) {
		before[pod.Name] = true
	}
	operator, show := w.operator(t)
	ended := make(chan error, 1)
	go func() { ended <- operator.Drill(t.Context(), "", show) }()
	var drill string
	await.Success(t, "the drill is running", func() error {
		for _, pod := range w.Pods(t, backupPods) {
			if !before[pod.Name] {
				drill = pod.Name
				return w.logContains(t, pod.Name, "drill", regexp.MustCompile("proving"))
			}
		}
		return errors.New("it has no Pod")
	})
	w.terminatesInTime(t, drill)
	require.ErrorContains(t, <-ended, "it was interrupted and does not continue")
}
