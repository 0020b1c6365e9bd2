package wiki

import (
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/mediawiki-stack/mediawiki-stack/tests/internal/browser"
)

// pumpkin is a page with a picture.
const (
	pumpkin        = "Pumpkin soup"
	pumpkinPicture = "Pumpkin soup.png"
	pumpkinImage   = "#mw-content-text figure img"
	pumpkinText    = `[[File:` + pumpkinPicture + `|thumb|The soup]]
A '''pumpkin soup''' is cooked of a [[pumpkin]], onions and broth.

== Ingredients ==
* a pumpkin of one kilogram
* two onions
* a litre of broth

== Preparation ==
Cut the pumpkin and the onions, and cook them in the broth for twenty minutes. Then blend the soup.`
)

// pagesFitOnAPhone looks at pages with a browser that is as narrow as a phone. A page for desktops would be shown small there, and a page
// that is wider than the screen would have to be scrolled sideways.
func (w *wiki) pagesFitOnAPhone(t *testing.T) {
	require.NoError(t, w.admin.Upload(t.Context(), pumpkinPicture, picture(t)))
	require.NoError(t, w.admin.Edit(t.Context(), pumpkin, pumpkinText))
	b := browser.Open(t, "skin", w.proxy.Pin)
	defer b.Close()
	b.Do("read on a desktop", chromedp.Navigate(w.address(pumpkin)), chromedp.Poll(shows(pumpkinImage), nil))
	b.Screenshot("desktop", 690)
	b.BePhone()
	for _, skin := range []string{"vector-2022", "minerva", "timeless", "monobook"} {
		w.fitsOnAPhone(b, pumpkin, skin)
		w.fitsOnAPhone(b, "Main Page", skin)
		b.Do("read on a phone", chromedp.Navigate(w.address(pumpkin)+"&useskin="+skin), chromedp.Poll(shows(pumpkinImage), nil))
		b.Screenshot(skin, 844)
	}
	w.fitsOnAPhone(b, "Special:RecentChanges", "vector-2022") // in timeless, MediaWiki's own table is too wide
	w.fitsOnAPhone(b, "Special:UserLogin", "vector-2022")
}

func (w *wiki) fitsOnAPhone(b *browser.Browser, title, skin string) {
	b.T.Helper()
	var shown struct {
		Viewport           string
		ScreenWidth, Width int
	}
	b.Do("read "+title, chromedp.Navigate(w.address(title)+"&useskin="+skin),
		chromedp.WaitVisible("#mw-content-text", chromedp.ByQuery),
		chromedp.Evaluate(`({
			Viewport: document.querySelector("meta[name=viewport]").content,
			ScreenWidth: document.documentElement.clientWidth, Width: document.documentElement.scrollWidth,
		})`, &shown))
	assert.Contains(b.T, shown.Viewport, "width=device-width", "%s in %s", title, skin)
	assert.LessOrEqual(b.T, shown.Width, shown.ScreenWidth, "%s in %s", title, skin)
}
