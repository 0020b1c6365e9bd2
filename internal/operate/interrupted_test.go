package operate_test

import (
	"context"
	"io"
	"net/http"
	"os"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/kubernetes/fake"
	"k8s.io/client-go/kubernetes/scheme"
	corev1client "k8s.io/client-go/kubernetes/typed/core/v1"
	"k8s.io/client-go/rest"
	fakerest "k8s.io/client-go/rest/fake"
	clienttesting "k8s.io/client-go/testing"

	"github.com/mediawiki-stack/mediawiki-stack/internal/operate"
)

// saying is a client of a cluster whose containers have a log.
type saying struct {
	kubernetes.Interface
	says func() string
}

func (s saying) CoreV1() corev1client.CoreV1Interface {
	return sayingCore{s.Interface.CoreV1(), s.says}
}

type sayingCore struct {
	corev1client.CoreV1Interface
	says func() string
}

func (s sayingCore) Pods(namespace string) corev1client.PodInterface {
	return sayingPods{s.CoreV1Interface.Pods(namespace), s.says}
}

type sayingPods struct {
	corev1client.PodInterface
	says func() string
}

func (s sayingPods) GetLogs(string, *corev1.PodLogOptions) *rest.Request {
	client := &fakerest.RESTClient{
		NegotiatedSerializer: scheme.Codecs.WithoutConversion(), GroupVersion: corev1.SchemeGroupVersion, VersionedAPIPath: "/",
		Client: fakerest.CreateHTTPClient(func(*http.Request) (*http.Response, error) {
			return &http.Response{StatusCode: http.StatusOK, Body: io.NopCloser(strings.NewReader(s.says()))}, nil
		}),
	}
	return client.Request()
}

// The log when the wiki becomes read-only, and when it can be edited again.
const closes, opens = "03:17:00 the wiki is read-only\n", "03:18:00 the wiki can be edited\n"

func TestInterruptedRestoreReportsTheStateOfTheWikiAndTheNextCommand(t *testing.T) {
	php, err := os.ReadFile("../../components/files/mediawiki/src/ReadOnlyMode.php")
	require.NoError(t, err)
	for _, line := range []string{closes, opens} {
		require.Contains(t, string(php), "Console::say( '"+strings.TrimSpace(line[len("03:17:00 "):])+"' )")
	}
	for name, c := range map[string]struct {
		end           batchv1.JobConditionType
		words         string
		says          string
		away          bool // whether the user presses Ctrl-C
		wants, hasNot string
	}{
		"its Pod was deleted while the wiki was closed": {
			batchv1.JobFailed, "", closes, false,
			"does not continue: no reason|the wiki is read-only|run the same command again", "nothing was changed",
		},
		"its Pod was ended before": {
			batchv1.JobFailed, "", "", false, "does not continue|nothing was changed: run the same command", "closed",
		},
		"it failed and says why": {batchv1.JobFailed, "the disk is full", closes, false, "the disk is full", "run the same"},
		"Ctrl-C while the wiki is closed": {
			batchv1.JobSuspended, "", closes, true,
			"the Job continues|the wiki is read-only|logs -f job/mediawiki-restore-1|run the same", "nothing",
		},
		"Ctrl-C when it is open again": {batchv1.JobSuspended, "", closes + opens, true, "the Job continues", "closed"},
	} {
		t.Run(name, func(t *testing.T) {
			wiki, _ := clusterOf(t, c.end, c.words, aBackupCronJob(), aMigration("mediawiki-migration-1", 1, true))
			ctx, leave := context.WithCancel(t.Context())
			defer leave()
			wiki.Client = saying{wiki.Client, func() string {
				if c.away {
					leave()
				}
				return c.says
			}}
			err := wiki.Restore(ctx, "", func(string) {})
			for _, want := range strings.Split(c.wants, "|") {
				require.ErrorContains(t, err, want)
			}
			assert.NotContains(t, err.Error(), c.hasNot)
		})
	}
}

// TestDetailsAreInTheLogOfTheJob: the updater prints some hundred lines, and an unexpected failure prints a trace.
func TestDetailsAreInTheLogOfTheJob(t *testing.T) {
	php, err := os.ReadFile("../../components/files/mediawiki/src/Console.php")
	require.NoError(t, err)
	require.Contains(t, string(php), "echo '  ', rtrim( $line )")
	wiki, _ := clusterOf(t, batchv1.JobFailed, "the updater failed", aBackupCronJob(), aMigration("mediawiki-migration-1", 1, true))
	wiki.Client = saying{wiki.Client, func() string {
		return "03:17:00 updating the schema\n" + strings.Repeat("  ...already done.\n", 300) + "03:18:00 failed: the updater failed\n"
	}}
	var shown []string
	err = wiki.Restore(t.Context(), "", func(line string) { shown = append(shown, line) })
	assert.Equal(t, []string{
		"Job mediawiki-restore-1", "  03:17:00 updating the schema", "  03:18:00 failed: the updater failed",
	}, shown)
	require.ErrorContains(t, err, "its whole log: kubectl --namespace mediawiki-test logs job/mediawiki-restore-1")
}

// TestBackupSaysWhatItsPodWaitsFor: the clock of the test does not wait.
func TestBackupSaysWhatItsPodWaitsFor(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		client := fake.NewClientset(aBackupCronJob())
		client.PrependReactor("create", "jobs", func(action clienttesting.Action) (bool, runtime.Object, error) {
			job := action.(clienttesting.CreateAction).GetObject().(*batchv1.Job)
			job.Name = job.GenerateName + "1"
			pod := &corev1.Pod{ObjectMeta: metav1.ObjectMeta{
				Name: "pod", Namespace: theNamespace, Labels: map[string]string{"job-name": job.Name},
			}}
			pod.Status.ContainerStatuses = []corev1.ContainerStatus{{
				Name: "backup", State: corev1.ContainerState{Waiting: &corev1.ContainerStateWaiting{Reason: "ErrImagePull"}},
			}}
			return false, nil, client.Tracker().Add(pod)
		})
		wiki := &operate.Wiki{Client: client, Namespace: theNamespace, Name: "mediawiki"}
		ctx, cancel := context.WithTimeout(t.Context(), 8*time.Second)
		defer cancel()
		var shown []string
		require.Error(t, wiki.Backup(ctx, func(line string) { shown = append(shown, line) }))
		assert.Equal(t, []string{"Job mediawiki-backup-now-1", "  waiting for its Pod to start: ErrImagePull"}, shown)
	})
}

func TestInterruptedImportEndsByItself(t *testing.T) {
	wiki, _ := clusterOf(t, batchv1.JobSuspended, "", aBackupCronJob(), aMigration("mediawiki-migration-1", 1, true))
	ctx, leave := context.WithCancel(t.Context())
	defer leave()
	wiki.Attach = func(_ context.Context, _, _, _ string, input io.Reader) error {
		_, err := input.Read(make([]byte, 512))
		leave()
		return err
	}
	err := wiki.Import(ctx, aDump(t), "", func(string) {})
	require.ErrorContains(t, err, "the input was not sent completely, so the Job ends by itself")
	require.ErrorContains(t, err, "nothing was changed: run the same command again")
}
