package wiki

import (
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/mediawiki-stack/mediawiki-stack/tests/internal/await"
	"github.com/mediawiki-stack/mediawiki-stack/tests/internal/engine"
	"github.com/mediawiki-stack/mediawiki-stack/tests/internal/process"
)

// databaseSetup is about how long MariaDB takes to make its data directory, on the machine that the tests run on. The first kill comes
// when mariadb-install-db has just started a server for that, which leaves a directory that never starts again; the others are
// spread over this time.
const databaseSetup = 4 * time.Second

// TestInstallationSurvivesPowerCuts kills the migration at points spread over a first installation, and MariaDB at points of its own
// first start; another migration starts while the killed one is replaced. What the kubelet or the next up makes of it has to be a
// working wiki. And destroy has to leave nothing of it, because keepData is false.
func TestInstallationSurvivesPowerCuts(t *testing.T) {
	w := newWiki(t, "cuts", engine.Options{Settings: map[string]any{"keepData": false, "replicas": 1}})
	defer w.explain(t)
	migrations, databases := points(1, 2, 10), points(1, 1, 5)
	var installation time.Duration // how long the migration takes, once it has been seen to end
	for i := range migrations {
		t.Run(fmt.Sprintf("point %d of %d", i+1, migrations), func(t *testing.T) {
			first := w.Start("up")
			if i < databases {
				w.cutPower(t, first, databasePods, "mariadbd", time.Duration(i)*databaseSetup/time.Duration(databases))
			}
			w.cutPower(t, first, migrationPods, "php", time.Duration(i)*installation/time.Duration(migrations))
			rival := w.startConcurrentMigration(t)
			if p, err := first.Wait(t); err != nil {
				t.Logf("the first up failed: %v\n%s", err, p.Printed)
				w.Up(t)
			}
			w.awaitSuccess(t, rival)
			w.DeletePod(t, rival) // whose volumes cannot be deleted before
			installation = max(installation, w.installationTook(t))
			w.signIn(t)
			w.works(t)
			w.leavesNothing(t)
		})
	}
}

// cutPower ends all processes of a Pod at once, so long after a program in it has begun to work.
func (w *wiki) cutPower(t *testing.T, up *engine.Running, selector, program string, after time.Duration) {
	t.Helper()
	pod := w.awaitProgram(t, up, selector, program)
	<-time.After(after) // the point in time is what is tested
	processes := process.OfPod(pod.UID)
	t.Logf("%s after %s: killing %d processes", pod.Name, after, len(processes))
	require.NotEmpty(t, processes, "%s ended within %s", pod.Name, after)
	require.NoError(t, process.Kill(processes))
}

// awaitProgram waits until a program runs in a Pod, while up is at work.
func (w *wiki) awaitProgram(t *testing.T, up *engine.Running, selector, program string) corev1.Pod {
	t.Helper()
	var pod corev1.Pod
	await.Success(t, selector+" is at work", func() error {
		select {
		case <-up.Done:
			require.Fail(t, "up has ended before its power could be cut", selector)
		default:
		}
		for _, pod = range w.Pods(t, selector) {
			runs := func(p process.Process) bool { return p.Program == program }
			if slices.ContainsFunc(process.OfPod(pod.UID), runs) {
				return nil
			}
		}
		return errors.New(program + " runs in no Pod")
	})
	return pod
}

// startConcurrentMigration starts another migration beside the stack's own, as a node does that comes back after its Pods have been given up.
func (w *wiki) startConcurrentMigration(t *testing.T) string {
	t.Helper()
	pods := w.Pods(t, migrationPods)
	require.NotEmpty(t, pods)
	spec := *pods[0].Spec.DeepCopy()
	spec.NodeName = ""
	rival := &corev1.Pod{ObjectMeta: metav1.ObjectMeta{Name: "rival", Labels: map[string]string{"app": pods[0].Labels["app"]}}, Spec: spec}
	_, err := w.Kube.CoreV1().Pods(w.Name).Create(t.Context(), rival, metav1.CreateOptions{})
	require.NoError(t, err)
	return rival.Name
}

// awaitSuccess waits until a Pod has ended, which it has to do well.
func (w *wiki) awaitSuccess(t *testing.T, name string) {
	t.Helper()
	await.Success(t, name+" ends", func() error {
		pod, err := w.Kube.CoreV1().Pods(w.Name).Get(t.Context(), name, metav1.GetOptions{})
		if err != nil {
			return err
		}
		require.NotEqual(t, corev1.PodFailed, pod.Status.Phase, "%s: %+v", name, pod.Status.ContainerStatuses)
		if pod.Status.Phase != corev1.PodSucceeded {
			return fmt.Errorf("it is %s", pod.Status.Phase)
		}
		return nil
	})
}

// installationTook is how long the migration ran that has succeeded.
func (w *wiki) installationTook(t *testing.T) time.Duration {
	t.Helper()
	for _, pod := range w.Pods(t, migrationPods) {
		for _, status := range pod.Status.ContainerStatuses {
			if ended := status.State.Terminated; ended != nil && ended.ExitCode == 0 {
				return ended.FinishedAt.Sub(ended.StartedAt.Time)
			}
		}
	}
	require.Fail(t, "no migration has succeeded")
	return 0
}

// leavesNothing destroys a stack that is not to keep its data.
func (w *wiki) leavesNothing(t *testing.T) {
	t.Helper()
	require.Len(t, w.Volumes(t), 3, "volumes before")
	w.Destroy(t)
	assert.False(t, w.Exists(t), "the namespace, and with it the claims")
	await.Success(t, "the volumes are gone", func() error {
		if left := w.Volumes(t); len(left) > 0 {
			return fmt.Errorf("%q are there", left)
		}
		return nil
	})
}
