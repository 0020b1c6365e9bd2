package lifecycle

import (
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/mediawiki-stack/mediawiki-stack/tests/internal/await"
)

// updates previews and runs an update. Both must make exactly these changes.
func (w *wiki) updates(t *testing.T, changes ...string) {
	t.Helper()
	slices.Sort(changes)
	require.Equal(t, changes, w.Preview(t).Changes, "preview")
	require.Equal(t, changes, w.Up(t).Changes, "up")
}

// address returns the wiki's address, as a script reads it.
func (w *wiki) address(t *testing.T) string {
	t.Helper()
	return strings.TrimSpace(w.Pulumi(t, "stack", "output", "url"))
}

// answers waits for MediaWiki's page at the address. The client ignores HTTP_PROXY.
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
