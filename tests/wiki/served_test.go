package wiki

import (
	"crypto/sha1" //nolint:gosec // MediaWiki names deleted files by it
	"fmt"
	"html"
	"math/big"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/mediawiki-stack/mediawiki-stack/tests/internal/kube"
)

// documentRoot is Apache's DocumentRoot.
const documentRoot = "/var/www/html"

// otherFilesAreNotServed requests files of the image that are not meant for browsers, and then every file that pages of each skin load.
func (w *wiki) otherFilesAreNotServed(t *testing.T) {
	pod := kube.Names(w.AwaitReady(t, webPods, replicas))[0]
	for _, path := range []string{
		"/composer.json", "/RELEASE-NOTES-1.43", "/HISTORY", "/docs/README", "/tests/README", "/autoload.php",
		"/includes/Setup.php", "/languages/data/plurals.xml", "/vendor/autoload.php", "/mw-config/",
		"/mw-config/index.php", "/maintenance/run.php", "/resources/Resources.php", "/skins/Vector/skin.json", "/skins/Vector/README.md",
		"/extensions/Cite/extension.json", "/extensions/VisualEditor/lib/ve/demos/ve/desktop.html",
		"/extensions/AbuseFilter/db_patches/mysql/tables-generated.sql",
	} {
		_, err := w.Exec(t.Context(), pod, webContainer, "", "test", "-e", documentRoot+path)
		require.NoError(t, err, "%s is in the image", path)
		response, err := w.anonymous().Get(t.Context(), path)
		require.NoError(t, err)
		assert.Equal(t, http.StatusForbidden, response.Status, path)
	}
	parts := map[string]bool{}
	for _, skin := range []string{"vector-2022", "vector", "minerva", "monobook", "timeless"} {
		page := w.text(t, "/index.php?title=Main_Page&useskin="+skin)
		sheets := submatches(`<link rel="stylesheet" href="([^"]+)"`, page)
		require.NotEmpty(t, sheets, skin)
		for _, path := range submatches(`<img [^>]*src="(/[^"]+)"`, page) {
			parts[path] = true
		}
		for _, sheet := range sheets {
			for _, path := range submatches(`url\(["']?(/[^)"']+)`, w.text(t, sheet)) {
				parts[path] = true
			}
		}
	}
	require.Greater(t, len(parts), 5)
	for path := range parts {
		if !strings.HasPrefix(path, "/load.php") {
			w.text(t, path)
		}
	}
	w.text(t, "/resources/lib/jquery/jquery.js") // pages load it in debug mode
}

// text returns the body of a path, which must exist.
func (w *wiki) text(t *testing.T, path string) string {
	t.Helper()
	response, err := w.anonymous().WithTimeout(time.Minute).Get(t.Context(), path) // the first request compiles the styles
	require.NoError(t, err)
	require.Equal(t, http.StatusOK, response.Status, path)
	return string(response.Body)
}

// submatches returns the distinct values of the pattern's first group in a page.
func submatches(pattern, page string) []string {
	matches := regexp.MustCompile(pattern).FindAllStringSubmatch(page, -1)
	all := make([]string, 0, len(matches))
	for _, match := range matches {
		all = append(all, html.UnescapeString(match[1]))
	}
	slices.Sort(all)
	return slices.Compact(all)
}

// deletedFilesAreGone deletes a file that readers and caches have loaded, and requests it at its old addresses and where MediaWiki keeps
// deleted files. Readers know that path, because the API shows a file's SHA-1.
func (w *wiki) deletedFilesAreGone(t *testing.T) {
	const name = "Regretted.png"
	content := append(picture(t), "unique content"...)
	require.NoError(t, w.admin.Upload(t.Context(), name, content))
	original, thumbnail, err := w.admin.File(t.Context(), name, 200)
	require.NoError(t, err)
	for _, address := range []string{original, original, thumbnail} {
		_, err := download(t.Context(), w.anonymous(), address)
		require.NoError(t, err)
	}
	require.NoError(t, w.admin.Delete(t.Context(), "File:"+name))

	sum := sha1.Sum(content) //nolint:gosec // see above
	hash := fmt.Sprintf("%031s", new(big.Int).SetBytes(sum[:]).Text(36))
	kept := "/images/deleted/" + strings.Join([]string{hash[0:1], hash[1:2], hash[2:3], hash + ".png"}, "/")
	pod := kube.Names(w.AwaitReady(t, webPods, replicas))[0]
	_, err = w.Exec(t.Context(), pod, webContainer, "", "test", "-s", documentRoot+kept)
	require.NoError(t, err, "MediaWiki keeps the file for undeletion")
	for address, status := range map[string]int{
		original: http.StatusNotFound, thumbnail: http.StatusNotFound, kept: http.StatusForbidden,
		"/images//deleted/": http.StatusForbidden,
		strings.Replace(kept, "/deleted", "/a/%2e%2e/deleted", 1): http.StatusForbidden,
		"/images/temp/":             http.StatusForbidden,
		"/images/lockdir/":          http.StatusForbidden,
		"/images/.read-only-1.43.9": http.StatusForbidden,
	} {
		response, err := w.anonymous().Get(t.Context(), address)
		require.NoError(t, err)
		assert.Equal(t, status, response.Status, address)
	}
}
