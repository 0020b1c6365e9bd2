package ingress

import (
	"crypto/sha256"
	"encoding/base64"
	"net/http"
	"net/url"
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/mediawiki-stack/mediawiki-stack/tests/internal/authority"
	"github.com/mediawiki-stack/mediawiki-stack/tests/internal/browser"
)

// visited is a wiki behind the ingress controller, and a browser.
type visited struct {
	*wiki
	*browser.Browser
}

// TestWikiInABrowser looks at a wiki in Chinese, Serbian and Hebrew with a browser, through the ingress controller.
func TestWikiInABrowser(t *testing.T) {
	d := openDoor(t)
	issuer := authority.New(t)
	certificates, key := authority.Encode(t, issuer.Issue(t, host))
	w := newStack(t, "browser", d, map[string]any{
		"siteUrl": site, "ingress.enabled": true, "tls.certificate": string(certificates), "language": "zh",
		"extensions": []string{"VisualEditor"}, "extraSettings": "$wgNamespacesWithSubpages[NS_MAIN] = true;",
	})
	w.roots = issuer.Pool()
	defer explain(t, w.Name)
	w.SetSecret(t, "tlsKey", string(key))
	w.Up(t)
	w.signIn(t)
	pin := sha256.Sum256(issuer.Certificate.RawSubjectPublicKeyInfo)
	v := &visited{w, browser.Open(t, "ingress", base64.StdEncoding.EncodeToString(pin[:]), browser.At(host, d.nodes[0]))}
	defer v.Close()
	t.Run("search suggests pages while a word is typed", v.searchSuggests)
	t.Run("a sub-page with characters of several scripts is edited with VisualEditor", v.editsVisually)
	t.Run("readers get the variant of Chinese that their browser asks for", func(t *testing.T) {
		v.variantsAreDistinguished(t, "软件和鼠标", map[string]string{"zh-CN": "软件和鼠标", "zh-TW": "軟體和滑鼠"})
	})
	t.Run("readers get the script of Serbian that their browser asks for", func(t *testing.T) {
		w.Set(t, "language", "sr")
		w.Up(t)
		v.variantsAreDistinguished(t, "Добра супа", map[string]string{"sr-EC": "Добра супа", "sr-EL": "Dobra supa"})
	})
	t.Run("pages are mirrored for languages from right to left", func(t *testing.T) {
		w.Set(t, "language", "he")
		w.Up(t)
		v.isMirrored(t)
	})
}

// searchSuggests types the first letters of a page's title.
func (v *visited) searchSuggests(t *testing.T) {
	const title = "Überbackene Zwiebelsuppe"
	require.NoError(t, v.admin.Edit(t.Context(), title, "Eine Suppe."))
	const field = "#searchform input[name=search]"
	v.Do("search", chromedp.Navigate(site+"/wiki/"+url.PathEscape(title)), chromedp.Click(field, chromedp.ByQuery),
		chromedp.WaitVisible(".vector-typeahead-search", chromedp.ByQuery), // replaces the form
		chromedp.SendKeys(field, "Überb", chromedp.ByQuery),
		chromedp.WaitVisible(".cdx-menu-item .cdx-search-result-title", chromedp.ByQuery))
	assert.Equal(t, title, v.Text(".cdx-menu-item .cdx-search-result-title"))
	v.Screenshot("suggestions", 690)
}

// editsVisually appends text to a page.
func (v *visited) editsVisually(t *testing.T) {
	require.NoError(t, v.admin.Edit(t.Context(), kitchen, "'''Soup''' of [[onion]]s."))
	var outputs struct {
		AdminUser     string `json:"adminUser"`
		AdminPassword string `json:"adminPassword"`
	}
	v.Outputs(t, &outputs)
	const surface = ".ve-init-target .ve-ce-documentNode"
	v.Do("log in", chromedp.Navigate(site+"/index.php?title=Special:UserLogin"),
		browser.Fill("#wpName1", outputs.AdminUser), browser.Fill("#wpPassword1", outputs.AdminPassword),
		chromedp.Click("#wpLoginAttempt", chromedp.ByQuery), chromedp.WaitVisible("#pt-userpage-2", chromedp.ByQuery))
	v.Do("edit", chromedp.Navigate(site+"/index.php?veaction=edit&vehidebetadialog=1&title="+url.QueryEscape(kitchen)),
		chromedp.WaitVisible(surface, chromedp.ByQuery), chromedp.Click(surface, chromedp.ByQuery),
		chromedp.KeyEvent(kb.End), chromedp.KeyEvent(" Würze: 鹽 и перец."))
	v.Screenshot("visualeditor", 690)
	// While the dialog opens, its button moves, and a click would miss it.
	const save = ".ve-ui-mwSaveDialog.oo-ui-window-ready .oo-ui-processDialog-actions-primary .oo-ui-widget-enabled a"
	v.Do("save", chromedp.Click(".ve-ui-toolbar-saveButton", chromedp.ByQuery),
		chromedp.WaitVisible(save, chromedp.ByQuery), chromedp.Click(save, chromedp.ByQuery),
		chromedp.WaitNotPresent(surface, chromedp.ByQuery))
	texts, err := v.admin.Texts(t.Context(), kitchen)
	require.NoError(t, err)
	assert.Equal(t, map[string]string{kitchen: "'''Soup''' of [[onion]]s. Würze: 鹽 и перец."}, texts)
	page, err := v.reader("").Page(t.Context(), kitchen)
	require.NoError(t, err)
	assert.Contains(t, page, "Würze: 鹽 и перец.")
}

// variantsAreDistinguished reads a page with each variant in Accept-Language, several times, since the first reader's page is cached.
func (v *visited) variantsAreDistinguished(t *testing.T, text string, wanted map[string]string) {
	t.Helper()
	const title = "Variants"
	for _, end := range []string{" 1", " 2"} { // the second edit purges all variants
		require.NoError(t, v.admin.Edit(t.Context(), title, text+end))
		for range 3 {
			for language, want := range wanted {
				header := http.Header{"Accept-Language": {language}}
				response, err := v.reader("").Request(t.Context(), http.MethodGet, "/wiki/"+title, header)
				require.NoError(t, err)
				assert.Contains(t, string(response.Body), want+end, language)
			}
		}
	}
	for language, want := range wanted {
		v.Do("read "+language, chromedp.Navigate(site+"/wiki/"+title+"?variant="+language))
		assert.Contains(t, v.Text("#mw-content-text"), want)
	}
}

// isMirrored checks the direction of the text, and that the links for users are on the left, as styles for these languages put them.
func (v *visited) isMirrored(t *testing.T) {
	t.Helper()
	const title = "מרק"
	require.NoError(t, v.admin.Edit(t.Context(), title, "מרק בצל."))
	var shown struct {
		Direction, Text      string
		Links, Width, Widest float64
	}
	v.Do("read", chromedp.Navigate(site+"/wiki/"+url.PathEscape(title)), chromedp.WaitVisible("#mw-content-text", chromedp.ByQuery),
		chromedp.Evaluate(`({
			Direction: document.documentElement.dir, Text: getComputedStyle(document.querySelector("#mw-content-text")).direction,
			Links: document.querySelector(".vector-user-links").getBoundingClientRect().right,
			Width: document.documentElement.clientWidth, Widest: document.documentElement.scrollWidth,
		})`, &shown))
	v.Screenshot("right-to-left", 690)
	assert.Equal(t, "rtl", shown.Direction)
	assert.Equal(t, "rtl", shown.Text)
	assert.Less(t, shown.Links, shown.Width/2)
	assert.LessOrEqual(t, shown.Widest, shown.Width)
}
