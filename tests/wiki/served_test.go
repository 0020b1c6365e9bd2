package wiki

import (
	"crypto/sha1" //nolint:gosec // by which MediaWiki names deleted files
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

// documentRoot is the folder that Apache serves.
const documentRoot = "/var/www/html"

// otherFilesAreNotServed asks for files of the image that are not meant for browsers, and then for everything that pages of each skin consist of.
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
	w.text(t, "/resources/lib/jquery/jquery.js") // as in debug mode
}

// text is what a reader gets at a path.
func (w *wiki) text(t *testing.T, path string) string {
	t.Helper()
	response, err := w.anonymous().WithTimeout(time.Minute).Get(t.Context(), path) // styles are made when they are first asked for
	require.NoError(t, err)
	require.Equal(t, http.StatusOK, response.Status, path)
	return string(response.Body)
}

// submatches is what a group matches in a page, each once.
func submatches(pattern, page string) []string {
	matches := regexp.MustCompile(pattern).FindAllStringSubmatch(page, -1)
	all := make([]string, 0, len(matches))
	for _, match := range matches {
		all = append(all, html.UnescapeString(match[1]))
	}
	slices.Sort(all)
	return slices.Compact(all)
}

// deletedFilesAreGone deletes a file that was read before, by way of the cache too, and asks for it under its old addresses and where
// MediaWiki keeps it: the API tells its SHA-1 while it is there.
func (w *wiki) deletedFilesAreGone(t *testing.T) {
	const name = "Regretted.png"
	content := append(picture(t), "that nobody else has"...)
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
	require.NoError(t, err, "MediaWiki keeps the file, so that it can be undeleted")
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
