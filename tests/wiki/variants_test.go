package wiki

import (
	"net/http"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/mediawiki-stack/mediawiki-stack/tests/internal/engine"
)

// TestReadersGetTheirVariantOfALanguage installs a wiki in Chinese, whose readers have several ways to write it. Their browsers say which
// one they want, and a cached page must not reach readers of another one.
func TestReadersGetTheirVariantOfALanguage(t *testing.T) {
	leaveToTestAll(t) // like the test in tests/ingress that reads variants with a browser
	besideOthers(t, 2)
	w := newWiki(t, "variants", engine.Options{Settings: map[string]any{"language": "zh", "replicas": 1}})
	defer w.Explain(t)
	w.Up(t)
	w.signIn(t)
	const title = "Variants"
	for _, end := range []string{" 1", " 2"} { // the second edit purges all variants
		require.NoError(t, w.admin.Edit(t.Context(), title, "软件和鼠标"+end))
		for range 2 {
			for language, want := range map[string]string{"zh-CN": "软件和鼠标", "zh-TW": "軟體和滑鼠"} {
				header := http.Header{"Accept-Language": {language}}
				response, err := w.anonymous().Request(t.Context(), http.MethodGet, "/wiki/"+title, header)
				require.NoError(t, err)
				assert.Equal(t, http.StatusOK, response.Status)
				assert.Contains(t, string(response.Body), want+end, language)
			}
		}
	}
}
