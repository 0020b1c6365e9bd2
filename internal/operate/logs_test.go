package operate

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/rest"
)

// logServer is an API server with Pods and the logs of their containers, by "POD/CONTAINER", with " previous" for the run before.
func logServer(t *testing.T, logs map[string]string, pods ...corev1.Pod) *Wiki {
	t.Helper()
	mux := http.NewServeMux()
	mux.HandleFunc("GET /api/v1/namespaces/wiki/pods", func(out http.ResponseWriter, in *http.Request) {
		list := corev1.PodList{TypeMeta: metav1.TypeMeta{Kind: "PodList", APIVersion: "v1"}}
		for _, pod := range pods {
			if "app="+pod.Labels["app"] == in.FormValue("labelSelector") {
				list.Items = append(list.Items, pod)
			}
		}
		out.Header().Set("Content-Type", "application/json")
		assert.NoError(t, json.NewEncoder(out).Encode(list))
	})
	mux.HandleFunc("GET /api/v1/namespaces/wiki/pods/{pod}/log", func(out http.ResponseWriter, in *http.Request) {
		assert.Equal(t, "true", in.FormValue("timestamps"))
		assert.Equal(t, "3600", in.FormValue("sinceSeconds"))
		name := in.PathValue("pod") + "/" + in.FormValue("container")
		if in.FormValue("previous") == "true" {
			name += " previous"
		}
		text, found := logs[name]
		if !found {
			http.Error(out, "there is no log "+name, http.StatusInternalServerError)
		}
		fmt.Fprint(out, text)
	})
	server := httptest.NewServer(mux)
	t.Cleanup(server.Close)
	client, err := kubernetes.NewForConfig(&rest.Config{Host: server.URL})
	require.NoError(t, err)
	return &Wiki{Client: client, Namespace: "wiki", Name: "mediawiki"}
}

// podOf returns a Pod whose containers run.
func podOf(app, name string, containers ...string) corev1.Pod {
	pod := corev1.Pod{ObjectMeta: metav1.ObjectMeta{Name: name, Namespace: "wiki", Labels: map[string]string{"app": app}}}
	for _, container := range containers {
		pod.Status.ContainerStatuses = append(pod.Status.ContainerStatuses, corev1.ContainerStatus{Name: container})
	}
	return pod
}

func TestLogsAreInOrderOfTime(t *testing.T) {
	restarted := podOf("mediawiki-db", "mediawiki-db-0", "mariadb")
	restarted.Status.ContainerStatuses[0].LastTerminationState.Terminated = &corev1.ContainerStateTerminated{}
	starting := podOf("mediawiki-jobs", "jobs-1", "jobs")
	starting.Status.ContainerStatuses[0].State.Waiting = &corev1.ContainerStateWaiting{}
	w := logServer(t, map[string]string{
		"app-1/mediawiki":                 "2026-11-28T09:00:02.51Z second\n2026-11-28T09:00:04Z fourth\n",
		"app-1/files":                     "",
		"mediawiki-db-0/mariadb previous": "2026-11-28T09:00:02.5Z first\n",
		"mediawiki-db-0/mariadb":          "2026-11-28T09:00:03Z third, cut off",
	}, podOf("mediawiki-app", "app-1", "mediawiki", "files"), restarted, starting, podOf("other-app", "other-1", "mediawiki"))
	var shown []string
	require.NoError(t, w.Logs(t.Context(), time.Hour, nil, func(line string) { shown = append(shown, line) }))
	assert.Equal(t, []string{
		"2026-11-28T09:00:02.5Z database/mediawiki-db-0/mariadb  first",
		"2026-11-28T09:00:02.51Z web/app-1/mediawiki  second",
		"2026-11-28T09:00:03Z database/mediawiki-db-0/mariadb  third, cut off",
		"2026-11-28T09:00:04Z web/app-1/mediawiki  fourth",
	}, shown)
}

func TestLogsOfSomePartsAreShown(t *testing.T) {
	w := logServer(t, map[string]string{"app-1/mediawiki": "2026-11-28T09:00:00Z hello\n"},
		podOf("mediawiki-app", "app-1", "mediawiki"), podOf("mediawiki-db", "mediawiki-db-0", "mariadb"))
	var shown []string
	show := func(line string) { shown = append(shown, line) }
	require.NoError(t, w.Logs(t.Context(), time.Hour, []string{"Web"}, show))
	assert.Equal(t, []string{"2026-11-28T09:00:00Z web/app-1/mediawiki  hello"}, shown)
	require.ErrorContains(t, w.Logs(t.Context(), time.Hour, []string{"varnish"}, show), `no part "varnish" with a log; there are database`)
	require.ErrorContains(t, w.Logs(t.Context(), time.Hour, []string{"jobs"}, show), "namespace wiki has no Pods of these parts")
}

func TestLogThatCannotBeReadHidesNoOther(t *testing.T) {
	w := logServer(t, map[string]string{"app-1/mediawiki": "2026-11-28T09:00:00Z hello\n"},
		podOf("mediawiki-app", "app-1", "mediawiki"), podOf("mediawiki-db", "mediawiki-db-0", "mariadb"))
	var shown []string
	err := w.Logs(t.Context(), time.Hour, nil, func(line string) { shown = append(shown, line) })
	require.ErrorContains(t, err, "the log of database/mediawiki-db-0/mariadb")
	assert.Len(t, shown, 1)
	assert.True(t, strings.HasSuffix(shown[0], "hello"))
}
