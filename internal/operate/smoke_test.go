package operate

import (
	"encoding/json"
	"errors"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	appsv1 "k8s.io/api/apps/v1"
	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/client-go/kubernetes/fake"
	clienttesting "k8s.io/client-go/testing"

	"github.com/mediawiki-stack/mediawiki-stack/internal/mediawiki"
)

// fakeWiki is a wiki that can do what a smoke test needs, except what is broken.
type fakeWiki struct {
	mu     sync.Mutex
	pages  map[string]string
	broken string // name of an action of the API, or part of a path
	noMain bool   // whether the main page does not exist
}

func (w *fakeWiki) ServeHTTP(out http.ResponseWriter, in *http.Request) {
	w.mu.Lock()
	defer w.mu.Unlock()
	title := strings.ReplaceAll(strings.TrimPrefix(in.URL.Path, "/wiki/"), "_", " ")
	text, exists := w.pages[title]
	switch {
	case w.broken != "" && strings.Contains(in.URL.Path, w.broken):
		out.WriteHeader(http.StatusInternalServerError)
	case in.URL.Path == "/api.php":
		_ = json.NewEncoder(out).Encode(w.api(in))
	case in.URL.Path == "/":
		http.Redirect(out, in, "/wiki/Main_Page", http.StatusMovedPermanently)
	case in.URL.Path == "/wiki/Main_Page" && !w.noMain || strings.HasPrefix(in.URL.Path, "/images/"):
	case exists:
		for name, part := range w.pages {
			text = strings.ReplaceAll(text, "{{:"+name+"}}", part)
		}
		_, _ = out.Write([]byte(text))
	default:
		out.WriteHeader(http.StatusNotFound)
	}
}

func (w *fakeWiki) api(in *http.Request) any {
	action := in.FormValue("action")
	if action == w.broken {
		return map[string]any{"error": map[string]any{"code": "broken", "info": action + " does not work"}}
	}
	success := map[string]any{"result": "Success"}
	switch action {
	case "clientlogin":
		if in.FormValue("password") != "right" {
			return map[string]any{"clientlogin": map[string]any{"status": "FAIL", "message": "Incorrect password."}}
		}
		return map[string]any{"clientlogin": map[string]any{"status": "PASS"}}
	case "edit":
		w.pages[in.FormValue("title")] = in.FormValue("text")
	case "upload":
		w.pages["File:"+in.FormValue("filename")] = "a picture"
	case "delete":
		delete(w.pages, in.FormValue("title"))
	}
	return map[string]any{action: success, "query": map[string]any{
		"tokens": map[string]string{"logintoken": "+\\", "csrftoken": "+\\"},
		"pages":  []any{map[string]any{"imageinfo": []any{map[string]any{"url": "/images/a.png", "thumburl": "/images/thumb/a.png"}}}},
	}}
}

// smokeAt runs a smoke test of a wiki, and returns what it printed.
func smokeAt(t *testing.T, wiki *fakeWiki, password string) (lines []string, err error) {
	t.Helper()
	wiki.pages = map[string]string{}
	server := httptest.NewServer(wiki)
	defer server.Close()
	s := &site{address: server.URL, user: "Admin", password: password}
	s.uploads.Enabled, s.uploads.Types = true, []string{"png"}
	client := func() *mediawiki.Client { return mediawiki.New(server.URL) }
	err = s.smoke(t.Context(), client, func(line string) { lines = append(lines, line) })
	return lines, err
}

func TestSmokeTestDoesWhatAUserDoesAndLeavesNothing(t *testing.T) {
	wiki := &fakeWiki{}
	lines, err := smokeAt(t, wiki, "right")
	require.NoError(t, err)
	require.Len(t, lines, 7)
	for i, want := range []string{
		"log in", "read the main page", "edit a page", "(purge)", "(job)", "upload a picture", "delete all of it",
	} {
		assert.Contains(t, lines[i], want)
	}
	assert.Empty(t, wiki.pages)
}

func TestSmokeTestSaysThatThisMachineCannotReachTheWiki(t *testing.T) {
	s := &site{address: "https://wiki.invalid", user: "Admin", password: "right"}
	err := s.smoke(t.Context(), func() *mediawiki.Client { return mediawiki.New(s.address) }, func(string) {})
	require.ErrorContains(t, err, "wiki.invalid")
	require.ErrorContains(t, err, "this machine has to reach it")
	assert.NotContains(t, err.Error(), "WIKI_PASSWORD")
}

func TestSmokeTestSaysHowToTrustAPrivateAuthority(t *testing.T) {
	server := httptest.NewTLSServer(http.NotFoundHandler())
	defer server.Close()
	server.Config.ErrorLog = log.New(io.Discard, "", 0)
	s := &site{address: server.URL, user: "Admin", password: "right"}
	err := s.smoke(t.Context(), func() *mediawiki.Client { return mediawiki.New(s.address) }, func(string) {})
	require.ErrorContains(t, err, "SSL_CERT_FILE=authority.pem wiki smoke")
}

func TestClusterThatDoesNotAnswerIsNotTakenForOneWithoutAWiki(t *testing.T) {
	client := fake.NewClientset()
	client.PrependReactor("get", "deployments", func(clienttesting.Action) (bool, runtime.Object, error) {
		return true, nil, errors.New("connection refused")
	})
	_, err := (&Wiki{Namespace: "wiki", Name: "mediawiki", Client: client}).site(t.Context())
	require.ErrorContains(t, err, "could not ask the cluster for the wiki in namespace wiki: connection refused")
	require.NotContains(t, err.Error(), "has no wiki")
}

func TestSmokeTestSaysWhatDoesNotWorkAndLeavesNothing(t *testing.T) {
	for broken, want := range map[string]string{
		"clientlogin": "log in: API: broken: clientlogin does not work",
		"Main_Page":   "read the main page: /wiki/Main_Page: status 500",
		"edit":        "edit a page: API: broken",
		"upload":      "upload a picture: API: broken",
	} {
		wiki := &fakeWiki{broken: broken}
		_, err := smokeAt(t, wiki, "right")
		require.ErrorContains(t, err, want)
		assert.Empty(t, wiki.pages, broken)
	}
	lines, err := smokeAt(t, &fakeWiki{broken: "delete"}, "right")
	require.ErrorContains(t, err, "delete User:Admin/Smoke test")
	assert.False(t, slices.ContainsFunc(lines, func(line string) bool { return strings.Contains(line, "delete") }))
	_, err = smokeAt(t, &fakeWiki{}, "wrong")
	require.ErrorContains(t, err, "Incorrect password.; if the password was changed, set $WIKI_PASSWORD")
	_, err = smokeAt(t, &fakeWiki{noMain: true}, "right")
	require.ErrorContains(t, err, "read the main page: /wiki/Main_Page does not exist")
}

func TestSmokeTestReadsTheWikisObjects(t *testing.T) {
	named := func(name string) metav1.ObjectMeta { return metav1.ObjectMeta{Namespace: "wiki", Name: name} }
	web := &appsv1.Deployment{ObjectMeta: named("mediawiki-app")}
	web.Spec.Template.Spec = corev1.PodSpec{
		Containers: []corev1.Container{{Env: []corev1.EnvVar{{Name: "MEDIAWIKI_SERVER", Value: "https://wiki.example.org"}}}},
		Volumes:    []corev1.Volume{{Name: "settings", VolumeSource: corev1.VolumeSource{ConfigMap: &corev1.ConfigMapVolumeSource{}}}},
	}
	web.Spec.Template.Spec.Volumes[0].ConfigMap.Name = "mediawiki-settings-1"
	migration := &batchv1.Job{ObjectMeta: named("mediawiki-migration-1"), Status: batchv1.JobStatus{Succeeded: 1}}
	migration.Annotations = map[string]string{"pulumi.com/replaceUnready": "true"}
	migration.Spec.Template.Labels = map[string]string{"app": "mediawiki-migration"}
	migration.Spec.Template.Spec.Volumes = []corev1.Volume{{Name: "secrets", VolumeSource: corev1.VolumeSource{
		Secret: &corev1.SecretVolumeSource{SecretName: "mediawiki-migration-1"},
	}}}
	w := &Wiki{Namespace: "wiki", Name: "mediawiki", Client: fake.NewClientset(
		web, migration,
		&corev1.ConfigMap{ObjectMeta: named("mediawiki-settings-1"), Data: map[string]string{
			"wiki.json": `{"adminUser":"Chief","access":"private","uploads":{"enabled":true,"types":["png"]}}`,
		}},
		&corev1.Secret{ObjectMeta: named("mediawiki-migration-1"), Data: map[string][]byte{"admin-password": []byte("right")}},
	)}
	found, err := w.site(t.Context())
	require.NoError(t, err)
	assert.Equal(t, "https://wiki.example.org", found.address)
	assert.Equal(t, []string{"Chief", "right"}, []string{found.user, found.password})
	assert.True(t, found.private)
	assert.True(t, found.uploads.Enabled)
	_, err = (&Wiki{Namespace: "elsewhere", Name: "mediawiki", Client: w.Client}).site(t.Context())
	require.ErrorContains(t, err, "namespace elsewhere has no wiki")
}
