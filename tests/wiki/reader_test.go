package wiki

import (
	"bytes"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/mediawiki-stack/mediawiki-stack/tests/internal/await"
	"github.com/mediawiki-stack/mediawiki-stack/tests/internal/browser"
)

// The page and the upload that are created in the browser.
const (
	soup        = "Lentil soup"
	soupText    = "A soup of red lentils, with cumin and ''kurkumawurzel''."
	soupWord    = "kurkumawurzel" // is on no other page
	soupPicture = "Lentil soup.png"
)

// worksInABrowser does what a user would do to try out a new wiki.
func (w *wiki) worksInABrowser(t *testing.T) {
	b := browser.Open(t, "wiki", w.proxy.Pin)
	defer b.Close()
	b.Do("open the wiki", chromedp.Navigate(w.outputs.URL), chromedp.WaitVisible("#firstHeading", chromedp.ByQuery))
	assert.Equal(t, "Main Page", b.Text("#firstHeading"))
	b.Screenshot("main-page", 690)

	w.logInTo(b)
	w.editIn(t, b)
	w.uploadIn(t, b)
	await.Success(t, "search finds the new page", func() error {
		return contains(w.anonymous().Search(t.Context(), soupWord))(soup)
	})
	b.Do("search", chromedp.Navigate(w.address("Special:Search")+"&fulltext=1&search="+soupWord))
	assert.Contains(t, b.Text(".mw-search-results"), soup)
	b.Screenshot("search", 690)

	b.Do("recent changes", chromedp.Navigate(w.address("Special:RecentChanges")), chromedp.WaitVisible(".mw-changeslist", chromedp.ByQuery))
	assert.Contains(t, b.Text(".mw-changeslist"), soup)
	assert.Contains(t, b.Text(".mw-changeslist"), soupPicture)
	b.Screenshot("recent-changes", 690)

	await.Success(t, "the job queue drains", func() error {
		jobs, err := w.anonymous().Jobs(t.Context())
		if err == nil && jobs > 0 {
			err = fmt.Errorf("%d jobs are left", jobs)
		}
		return err
	})
}

// logInTo logs in with the form.
func (w *wiki) logInTo(b *browser.Browser) {
	b.T.Helper()
	b.Do("log in", chromedp.Navigate(w.address("Special:UserLogin")),
		browser.Fill("#wpName1", w.outputs.AdminUser), browser.Fill("#wpPassword1", w.outputs.AdminPassword),
		chromedp.Click("#wpLoginAttempt", chromedp.ByQuery), chromedp.WaitVisible("#pt-userpage-2", chromedp.ByQuery))
	assert.Equal(b.T, w.outputs.AdminUser, b.Text("#pt-userpage-2"))
	b.Screenshot("logged-in", 690)
}

func (w *wiki) editIn(t *testing.T, b *browser.Browser) {
	t.Helper()
	b.Do("edit", chromedp.Navigate(w.address(soup)+"&action=edit"),
		chromedp.WaitVisible(".wikiEditor-ui #wpTextbox1", chromedp.ByQuery), // wait for the toolbar, which moves the field
		chromedp.SendKeys("#wpTextbox1", soupText, chromedp.ByQuery), chromedp.Click("#wpSave", chromedp.ByQuery),
		chromedp.WaitVisible(".mw-parser-output i", chromedp.ByQuery))
	assert.Equal(t, soup, b.Text("#firstHeading"))
	assert.Equal(t, soupWord, b.Text(".mw-parser-output i"))
	b.Screenshot("edited", 690)
}

// uploadIn uploads a picture, adds it to the page, and checks its thumbnail.
func (w *wiki) uploadIn(t *testing.T, b *browser.Browser) {
	t.Helper()
	file := filepath.Join(t.TempDir(), soupPicture) // the upload gets the file's name
	require.NoError(t, os.WriteFile(file, picture(t), 0o600))
	b.Do("upload", chromedp.Navigate(w.address("Special:Upload")),
		chromedp.SetUploadFiles("#wpUploadFile", []string{file}, chromedp.ByQuery),
		chromedp.Click(`[name="wpUpload"]`, chromedp.ByQuery), chromedp.WaitVisible("#file img", chromedp.ByQuery))
	b.Do("see the picture", chromedp.Poll(shows("#file img"), nil))
	assert.Equal(t, "File:"+soupPicture, b.Text("#firstHeading"))
	b.Screenshot("uploaded", 900)

	const width = 320
	thumbnail := fmt.Sprintf("\n[[File:%s|thumb|%dpx|The soup]]", soupPicture, width)
	require.NoError(t, w.admin.Edit(t.Context(), soup, soupText+thumbnail))
	var shown struct {
		Source string `json:"source"`
		Width  int    `json:"width"`
	}
	const img = "#mw-content-text figure img"
	b.Do("see the thumbnail", chromedp.Navigate(w.address(soup)), chromedp.Poll(shows(img), nil),
		chromedp.Evaluate(fmt.Sprintf(`(i => ({source: i.src, width: i.naturalWidth}))(document.querySelector(%q))`, img), &shown))
	assert.Contains(t, shown.Source, "/thumb/")
	assert.Equal(t, width, shown.Width)
	b.Screenshot("thumbnail", 690)
}

// shows returns a JavaScript expression that is true once a picture is loaded.
func shows(img string) string {
	return fmt.Sprintf(`(i => i?.complete && i.naturalWidth > 0)(document.querySelector(%q))`, img)
}

// address returns the address of a page in a form that more parameters can be appended to.
func (w *wiki) address(title string) string {
	return w.outputs.URL + "/index.php?title=" + url.QueryEscape(title)
}

// picture returns a PNG of a bowl of soup, 800 by 600 pixels.
func picture(t *testing.T) []byte {
	t.Helper()
	const width, height = 800, 600
	drawing := image.NewRGBA(image.Rect(0, 0, width, height))
	for y := range height {
		for x := range width {
			dx, dy := (x-width/2)*3, (y-height/2)*4
			shade := color.RGBA{R: 240, G: uint8(200 + x*40/width), B: uint8(180 + y*40/height), A: 255}
			switch distance := dx*dx + dy*dy; {
			case distance < 700*700:
				shade = color.RGBA{R: 200, G: uint8(90 + (x*y)%40), B: 30, A: 255}
			case distance < 850*850:
				shade = color.RGBA{R: 250, G: 250, B: 245, A: 255}
			}
			drawing.SetRGBA(x, y, shade)
		}
	}
	var file bytes.Buffer
	require.NoError(t, png.Encode(&file, drawing))
	return file.Bytes()
}

// contains returns a function that checks whether a list that was requested has an item.
func contains(list []string, err error) func(wanted string) error {
	return func(wanted string) error {
		if err == nil && !slices.Contains(list, wanted) {
			err = fmt.Errorf("%s is not among: %s", wanted, strings.Join(list, ", "))
		}
		return err
	}
}
