package wiki

import (
	"encoding/json"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/mediawiki-stack/mediawiki-stack/tests/internal/process"
	"github.com/mediawiki-stack/mediawiki-stack/tests/internal/secret"
)

// hidesItsSecrets searches for the master secret, everything derived from it and everything set in its place, wherever secrets must not
// be. seen has the command lines and environments of containers during the first up.
func (w *wiki) hidesItsSecrets(t *testing.T, seen string) {
	secrets := w.secrets(t)
	secret.AssertHidden(t, "processes during the first up", seen, secrets)
	secret.AssertHidden(t, "output and event log of pulumi's commands", w.Transcript.String(), secrets)

	state := filepath.Join(t.TempDir(), "state.json")
	w.Pulumi(t, "stack", "export", "--file", state)
	text, err := os.ReadFile(state)
	require.NoError(t, err)
	require.Contains(t, string(text), "mediawiki-db")
	secret.AssertHidden(t, "exported state", string(text), secrets)

	w.Everything(t, func(kind string, object map[string]any) {
		if kind == "Secret" {
			return
		}
		text, err := json.Marshal(object)
		require.NoError(t, err)
		secret.AssertHidden(t, kind, string(text), secrets)
	})
	events, err := w.Kube.CoreV1().Events(w.Name).List(t.Context(), metav1.ListOptions{})
	require.NoError(t, err)
	for _, event := range events.Items {
		secret.AssertHidden(t, "event "+event.Name, event.Message, secrets)
	}
	logs := w.Logs(t, "")
	for name, log := range logs {
		secret.AssertHidden(t, "log of "+name, log, secrets)
	}
	require.NotEmpty(t, logs)

	for _, pod := range w.Pods(t, "") {
		for _, p := range process.OfPod(pod.UID) {
			secret.AssertHidden(t, "command line of "+p.Program+" in "+pod.Name, p.Line, secrets)
			secret.AssertHidden(t, "environment of "+p.Program+" in "+pod.Name, p.Env, secrets)
		}
	}
}

// passwordLike matches text with at least the length of 128 bits in base64. Names of users, databases and hosts are shorter.
var passwordLike = regexp.MustCompile(`[A-Za-z0-9_+/-]{22,}`)

// secrets returns the master secret and all passwords and keys in use.
func (w *wiki) secrets(t *testing.T) []string {
	t.Helper()
	found := []string{w.master, w.outputs.AdminPassword, w.outputs.DatabasePassword}
	list, err := w.Kube.CoreV1().Secrets(w.Name).List(t.Context(), metav1.ListOptions{})
	require.NoError(t, err)
	for _, object := range list.Items {
		for _, value := range object.Data {
			found = append(found, passwordLike.FindAllString(string(value), -1)...)
		}
	}
	slices.Sort(found)
	found = slices.Compact(found)
	// The master secret, the administrator's password, two database passwords, and MediaWiki's secret and upgrade keys.
	assert.GreaterOrEqual(t, len(found), 6, "number of secrets")
	return found
}
