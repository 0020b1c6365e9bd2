package wiki

import (
	"net/http"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// logoFile is a logo beside Pulumi.yaml.
const logoFile = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 50 50"><circle cx="25" cy="25" r="20" fill="#c85a1e"/></svg>`

// setPictures gives the wiki a logo and a favicon that are files. The next up creates them.
func (w *wiki) setPictures(t *testing.T) {
	t.Helper()
	w.WriteFile(t, "logo.svg", []byte(logoFile))
	w.WriteFile(t, "favicon.png", picture(t))
	w.Set(t, "logo", "logo.svg")
	w.Set(t, "favicon", "favicon.png")
}

// picturesAreServed checks the pictures of setPictures.
func (w *wiki) picturesAreServed(t *testing.T) {
	t.Helper()
	page := w.text(t, "/wiki/Main_Page")
	logo := one(t, `<img class="mw-logo-icon" src="(/brand/logo-[0-9a-f]+\.svg)"`, page)
	favicon := one(t, `<link rel="icon" href="(/brand/favicon-[0-9a-f]+\.png)"`, page)
	old := "/brand/logo-0000000000.svg" // as in a page of the previous revision
	for path, want := range map[string]struct{ kind, kept, body string }{
		logo:           {"image/svg+xml", "max-age=31536000, immutable", logoFile},
		old:            {"image/svg+xml", "no-cache", logoFile},
		favicon:        {"image/png", "max-age=31536000, immutable", string(picture(t))},
		"/favicon.ico": {"image/png", "max-age=86400", string(picture(t))},
	} {
		response, err := w.anonymous().Get(t.Context(), path)
		require.NoError(t, err)
		assert.Equal(t, http.StatusOK, response.Status, path)
		assert.Equal(t, want.kind, response.Header.Get("Content-Type"), path)
		assert.Equal(t, want.kept, response.Header.Get("Cache-Control"), path)
		assert.Contains(t, response.Header.Get("Content-Security-Policy"), "sandbox", path)
		assert.Equal(t, want.body, string(response.Body), path)
	}
	for _, path := range []string{"/brand/", "/brand/icon-0000000000.svg", "/brand/wiki.json", "/brand/logo-x/../wiki.json"} {
		response, err := w.anonymous().Get(t.Context(), path)
		require.NoError(t, err)
		assert.Equal(t, http.StatusNotFound, response.Status, path)
	}
	assert.Equal(t, logo, one(t, `background-image:\s*url\((/brand/logo-[0-9a-f]+\.svg)\)`,
		w.text(t, "/load.php?lang=en&modules=skins.vector.styles.legacy&only=styles&skin=vector")), "in the skin vector")
	for pod, log := range w.Logs(t, webPods) {
		if strings.HasSuffix(pod, " "+webContainer) {
			assert.NotContains(t, log, `"GET /brand/`, "%s, which has PHP", pod)
		}
	}
}

// logInPageHasPictures checks the logo of a private wiki, which is a file, and its favicon, which is on another server.
func (w *wiki) logInPageHasPictures(t *testing.T) {
	logo := one(t, `<img class="mw-logo-icon" src="(/brand/logo-[0-9a-f]+\.svg)"`, w.text(t, "/index.php?title=Special:UserLogin"))
	assert.Equal(t, logoFile, w.text(t, logo))
	response, err := w.anonymous().Get(t.Context(), "/favicon.ico")
	require.NoError(t, err)
	assert.Equal(t, http.StatusFound, response.Status)
	assert.Equal(t, "https://example.org/a%20b.ico", response.Header.Get("Location"))
}

// one returns the only value of the pattern's group in a text.
func one(t *testing.T, pattern, text string) string {
	t.Helper()
	found := submatches(pattern, text)
	require.Len(t, found, 1, regexp.MustCompile(`(?i)[^\n]*(icon|brand)[^\n]*`).FindAllString(text, 5))
	return found[0]
}
