package lifecycle

import (
	"encoding/base64"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	corev1 "k8s.io/api/core/v1"

	"mediawiki-stack/tests/internal/await"
)

// updates previews what was set and then does it: both have to be exactly these changes.
func (s *stack) updates(t *testing.T, changes ...string) {
	t.Helper()
	slices.Sort(changes)
	require.Equal(t, changes, s.preview(t).changes, "preview")
	require.Equal(t, changes, s.up(t).changes, "up")
}

// address is the wiki's, as a script gets it.
func (s *stack) address(t *testing.T) string {
	t.Helper()
	return strings.TrimSpace(s.pulumi(t, "stack", "output", "url"))
}

// assertRolled checks that as many Pods are ready, and that none of the old ones is among them once the rollout has ended.
func (n *namespace) assertRolled(t *testing.T, old map[string]corev1.Pod, ready int) {
	t.Helper()
	await.Success(t, "the Pods are new ones", func() error {
		pods := n.readyPods(t)
		for name := range pods {
			if _, there := old[name]; there {
				return fmt.Errorf("%s still runs", name)
			}
		}
		if len(pods) != ready {
			return fmt.Errorf("%d are ready, want %d", len(pods), ready)
		}
		return nil
	})
}

// answers waits for MediaWiki's page at the address. No proxy is asked: a cluster's node is near.
func answers(t *testing.T, url string) {
	t.Helper()
	client := http.Client{Timeout: 10 * time.Second, Transport: &http.Transport{DisableKeepAlives: true}}
	await.Success(t, "MediaWiki answers at "+url, func() error {
		request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url, nil)
		if err != nil {
			return err
		}
		response, err := client.Do(request)
		if err != nil {
			return err
		}
		defer response.Body.Close()
		page, err := io.ReadAll(response.Body)
		if err == nil && !strings.Contains(string(page), "<title>MediaWiki") {
			err = fmt.Errorf("%s: %.200s", response.Status, page)
		}
		return err
	})
}

// assertHides checks that none of the secrets stands in the text, be it in base64. It does not print the text, which is long.
func assertHides(t *testing.T, text string, secrets []string) {
	t.Helper()
	for i, secret := range secrets {
		require.Greater(t, len(secret), 16, "length of secret %d", i)
		for _, form := range []string{secret, base64.StdEncoding.EncodeToString([]byte(secret))} {
			if at := strings.Index(text, form); at >= 0 {
				t.Errorf("secret %d stands after: %s", i, text[max(0, at-200):at])
			}
		}
	}
}
