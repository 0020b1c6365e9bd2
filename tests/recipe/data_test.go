package recipe

import (
	"errors"
	"fmt"
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/mediawiki-stack/mediawiki-stack/tests/internal/await"
)

const (
	remember = "CREATE TABLE kept AS SELECT 'written before' AS note"
	recall   = "SELECT note FROM kept"
	note     = uploads + "/note.txt"
)

func TestEachReplicaHasItsOwnDatabase(t *testing.T) {
	wiki.scale(t, replicas)
	pods := wiki.pods(t)
	one, other := pods[0].Name, pods[1].Name
	wiki.mustQuery(t, one, "CREATE TABLE apart AS SELECT 'only here' AS note")
	assert.Equal(t, [][]string{{"only here"}}, wiki.mustQuery(t, one, "SELECT note FROM apart"))
	wiki.tableIsMissing(t, other, "apart")
	wiki.mustQuery(t, one, "DROP TABLE apart")
}

// Compose has `restart: always`. Apache and MariaDB exit with status 0 on SIGTERM; no other policy would restart them.
func TestContainerThatExitsIsRestarted(t *testing.T) {
	wiki.scale(t, replicas)
	pod := wiki.pods(t)[0].Name
	for _, name := range []string{mediawikiContainer, mariadbContainer} {
		wiki.restart(t, pod, name)
		now, err := wiki.pod(t.Context(), pod)
		require.NoError(t, err)
		ended := status(now, name).LastTerminationState.Terminated
		require.NotNil(t, ended)
		assert.Equal(t, int32(0), ended.ExitCode, "exit status of %s", name)
	}
	wiki.awaitDatabase(t, pod)
	await.Success(t, "the page of "+pod, func() error {
		_, err := wiki.Exec(t.Context(), pod, mediawikiContainer, "", "curl", "-fsS", "http://127.0.0.1/")
		return err
	})
}

func TestUploadsSurviveAContainerRestartAndTheDatabaseDoesNot(t *testing.T) {
	wiki.scale(t, replicas)
	pod := wiki.pods(t)[1].Name // not the Pod of other tests: Kubernetes delays repeated restarts
	wiki.mustQuery(t, pod, remember)
	wiki.inMediaWiki(t, pod, "written before", "sh", "-c", "cat >"+note)
	wiki.restart(t, pod, mediawikiContainer)
	wiki.restart(t, pod, mariadbContainer)
	wiki.awaitDatabase(t, pod)
	assert.Equal(t, "written before", wiki.inMediaWiki(t, pod, "", "cat", note))
	wiki.tableIsMissing(t, pod, "kept")
}

func TestDeletedPodIsReplacedAndItsDataIsLost(t *testing.T) {
	wiki.scale(t, replicas)
	pods := wiki.pods(t)
	gone, stays := pods[0].Name, pods[1].Name
	for _, pod := range []string{gone, stays} {
		wiki.mustQuery(t, pod, remember)
		wiki.inMediaWiki(t, pod, "written before", "sh", "-c", "cat >"+note)
	}
	require.NoError(t, wiki.Kube.CoreV1().Pods(wiki.Name).Delete(t.Context(), gone, metav1.DeleteOptions{}))

	now := wiki.pods(t)
	names := []string{now[0].Name, now[1].Name}
	require.NotContains(t, names, gone)
	require.Contains(t, names, stays)
	replacement := names[slices.IndexFunc(names, func(name string) bool { return name != stays })]
	wiki.awaitDatabase(t, replacement)
	wiki.tableIsMissing(t, replacement, "kept")
	_, err := wiki.Exec(t.Context(), replacement, mediawikiContainer, "", "test", "!", "-e", note)
	require.NoError(t, err, "the upload must be lost")

	assert.Equal(t, [][]string{{"written before"}}, wiki.mustQuery(t, stays, recall), "the other Pod's database")
	assert.Contains(t, get(t, wiki.URL), "set up the wiki")
	wiki.mustQuery(t, stays, "DROP TABLE kept")
}

// restart sends SIGTERM to a container's first process, and waits until the container runs again.
func (s *stack) restart(t *testing.T, pod, name string) {
	t.Helper()
	before, err := s.pod(t.Context(), pod)
	require.NoError(t, err)
	// The shell may be killed with its container, so its error matters only if there is no restart.
	_, killErr := s.Exec(t.Context(), pod, name, "", "sh", "-c", "kill -TERM 1")
	await.Success(t, name+" runs again", func() error {
		now, err := s.pod(t.Context(), pod)
		if err != nil {
			return err
		}
		if n := status(now, name).RestartCount - status(before, name).RestartCount; n != 1 {
			return errors.Join(fmt.Errorf("restarted %d times", n), killErr)
		}
		return unready(now)
	})
}
