package wiki

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"io"
	"net/http"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/mediawiki-stack/mediawiki-stack/tests/internal/await"
	"github.com/mediawiki-stack/mediawiki-stack/tests/internal/kube"
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

// pagesAreListed backdates the sitemap, and expects the next one to list a page that was just written.
func (w *wiki) pagesAreListed(t *testing.T) {
	const page, redirect = "Listed soup", "Redirected soup"
	require.NoError(t, w.admin.Edit(t.Context(), page, "A soup that search engines shall find."))
	require.NoError(t, w.admin.Edit(t.Context(), redirect, "#REDIRECT [["+page+"]]"))
	jobs := kube.Names(w.AwaitReady(t, jobPods, 1))[0]
	_, err := w.Exec(t.Context(), jobs, "jobs", "", "touch", "-d", "2 days ago", "/tmp/sitemap")
	require.NoError(t, err)

	index := one(t, `(?m)^Sitemap: `+regexp.QuoteMeta(w.outputs.URL)+`(/\S+)$`, w.text(t, "/robots.txt"))
	await.Success(t, "the page is listed", func() error {
		pages, err := w.sitemap(t, index)
		if err == nil && !strings.Contains(pages, "<loc>"+w.outputs.URL+"/wiki/Listed_soup</loc>") {
			err = fmt.Errorf("it is not among %s", pages)
		}
		return err
	})
	pages, err := w.sitemap(t, index)
	require.NoError(t, err)
	assert.NotContains(t, pages, "Redirected_soup", "which is another address of the same page")
	for _, path := range []string{"/images/.sitemap/sitemap-index-wiki.xml", "/sitemap-index-other.xml"} {
		response, err := w.anonymous().Get(t.Context(), path)
		require.NoError(t, err)
		assert.Contains(t, []int{http.StatusForbidden, http.StatusNotFound}, response.Status, path)
	}
}

// sitemap returns all parts of a sitemap.
func (w *wiki) sitemap(t *testing.T, index string) (string, error) {
	t.Helper()
	list, err := download(t.Context(), w.anonymous(), index)
	if err != nil {
		return "", err
	}
	var pages strings.Builder
	for _, address := range submatches(`<loc>(.*?)</loc>`, string(list)) {
		part, err := download(t.Context(), w.anonymous(), strings.TrimPrefix(address, w.outputs.URL))
		if err != nil {
			return "", err
		}
		unpacked, err := gzip.NewReader(bytes.NewReader(part))
		if err != nil {
			return "", err
		}
		if _, err := io.Copy(&pages, unpacked); err != nil { //nolint:gosec // the sitemap of a small wiki
			return "", err
		}
	}
	return pages.String(), nil
}
