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

// databaseSetup is roughly how long MariaDB takes to create its data directory on the test machine. The kills are spread over this time.
// The first one comes just after mariadb-install-db has started its temporary server, and leaves a data directory with which no server can
// start.
const databaseSetup = 4 * time.Second

// TestInstallationSurvivesPowerCuts kills the migration at points spread over a first installation, and MariaDB at points of its first
// start. A second migration starts while the killed one is replaced. Afterwards the kubelet or the next up must arrive at a working wiki,
// and destroy must leave nothing, since keepData is false.
func TestInstallationSurvivesPowerCuts(t *testing.T) {
	besideOthers(t, 2)
	w := newWiki(t, "cuts", engine.Options{Settings: map[string]any{"keepData": false, "replicas": 1}})
	defer w.Explain(t)
	migrations, databases := points(1, 2, 10), points(1, 1, 5)
	var installation time.Duration // how long the longest migration so far took
	for i := range migrations {
		t.Run(fmt.Sprintf("point %d of %d", i+1, migrations), func(t *testing.T) {
			first := w.Start("up")
			if i < databases {
				w.cutPower(t, first, databasePods, "mariadbd", time.Duration(i)*databaseSetup/time.Duration(databases))
			}
			w.cutPower(t, first, migrationPods, "php", time.Duration(i)*installation/time.Duration(migrations))
			concurrent := w.startConcurrentMigration(t)
			if p, err := first.Wait(t); err != nil {
				t.Logf("the first up failed: %v\n%s", err, p.Printed)
				w.Up(t)
			}
			w.awaitSuccess(t, concurrent)
			w.DeletePod(t, concurrent) // it keeps its volumes from being deleted
			installation = max(installation, w.migrationDuration(t))
			w.signIn(t)
			w.works(t)
			w.leavesNothing(t)
		})
	}
}

// cutPower kills all processes of a Pod at once, at the given time after a program has started in it.
func (w *wiki) cutPower(t *testing.T, up *engine.Running, selector, program string, after time.Duration) {
	t.Helper()
	pod := w.awaitProgram(t, up, selector, program)
	<-time.After(after) // the test is about this point in time
	processes := process.OfPod(pod.UID)
	t.Logf("%s after %s: killing %d processes", pod.Name, after, len(processes))
	require.NotEmpty(t, processes, "%s ended within %s", pod.Name, after)
	require.NoError(t, process.Kill(processes))
}

// awaitProgram waits until a program runs in a Pod. It fails if up ends first.
func (w *wiki) awaitProgram(t *testing.T, up *engine.Running, selector, program string) corev1.Pod {
	t.Helper()
	var pod corev1.Pod
	await.Success(t, selector+" runs "+program, func() error {
		select {
		case <-up.Done:
			require.Fail(t, "up ended before the program ran", selector)
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

// startConcurrentMigration starts a second migration beside the stack's own. This happens in practice when a node returns after its Pods
// were replaced.
func (w *wiki) startConcurrentMigration(t *testing.T) string {
	t.Helper()
	pods := w.Pods(t, migrationPods)
	require.NotEmpty(t, pods)
	spec := *pods[0].Spec.DeepCopy()
	spec.NodeName = ""
	meta := metav1.ObjectMeta{Name: "concurrent", Labels: map[string]string{"app": pods[0].Labels["app"]}}
	pod := &corev1.Pod{ObjectMeta: meta, Spec: spec}
	_, err := w.Kube.CoreV1().Pods(w.Name).Create(t.Context(), pod, metav1.CreateOptions{})
	require.NoError(t, err)
	return pod.Name
}

// awaitSuccess waits until a Pod has succeeded. It fails if the Pod fails.
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

// migrationDuration returns how long the successful migration ran.
func (w *wiki) migrationDuration(t *testing.T) time.Duration {
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

// leavesNothing destroys a stack with keepData false, and checks that neither namespace nor volumes are left.
func (w *wiki) leavesNothing(t *testing.T) {
	t.Helper()
	require.Len(t, w.Volumes(t), 3, "volumes before destroy")
	w.Destroy(t)
	assert.False(t, w.Exists(t), "the namespace with its claims")
	await.Success(t, "the volumes are deleted", func() error {
		if left := w.Volumes(t); len(left) > 0 {
			return fmt.Errorf("%q are left", left)
		}
		return nil
	})
}
