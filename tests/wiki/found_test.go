package wiki

import (
	"testing"

	"github.com/stretchr/testify/assert"
)

// pagesDescribeThemselves reads what a page says to search engines and messengers.
func (w *wiki) pagesDescribeThemselves(t *testing.T) {
	for path, canonical := range map[string]string{
		"/wiki/Main_Page": "/wiki/Main_Page",
		"/index.php?title=Main_Page&useskin=timeless": "/wiki/Main_Page",
		"/index.php?title=Main_Page&action=history":   "/index.php?title=Main_Page&amp;action=history",
	} {
		page := w.text(t, path)
		assert.Contains(t, page, `<link rel="canonical" href="`+w.outputs.URL+canonical+`">`, path)
		assert.Contains(t, page, `<meta property="og:site_name" content="Wiki">`, path)
		assert.Regexp(t, `<meta property="og:title" content="[^"]*Wiki">`, page, path)
	}
}
