package operate_test

import (
	"context"
	"io"
	"net/http"
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/kubernetes/scheme"
	corev1client "k8s.io/client-go/kubernetes/typed/core/v1"
	"k8s.io/client-go/rest"
	fakerest "k8s.io/client-go/rest/fake"
)

// saying is a client of a cluster whose containers say something.
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

// What containers say when the wiki is closed, and when it is open again.
const closes, opens = "03:17:00 the wiki is read-only\n", "03:18:00 the wiki can be edited\n"

func TestInterruptedRestoreSaysHowTheWikiIsAndWhatToDo(t *testing.T) {
	php, err := os.ReadFile("../../components/files/mediawiki/editing.php")
	require.NoError(t, err)
	for _, line := range []string{closes, opens} {
		require.Contains(t, string(php), "say( '"+strings.TrimSpace(line[len("03:17:00 "):])+"' )")
	}
	for name, c := range map[string]struct {
		end           batchv1.JobConditionType
		words         string
		says          string
		away          bool // whether whoever has typed it goes
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
			"the Job continues|the wiki is read-only|kubectl --namespace mediawiki-test logs -f job/mediawiki-restore-1|run the same", "nothing",
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

func TestImportThatIsLeftBeforeAllWasSentEndsByItself(t *testing.T) {
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
