package recipe

import (
	"crypto/rand"
	"fmt"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/stretchr/testify/assert"
)

const (
	installer     = "/mw-config/index.php"
	localSettings = "/var/www/html/LocalSettings.php"
	siteName      = "Haute Cuisine"
)

// On one Pod: TestInstallerLosesItsSessionBetweenTwoPods shows why.
func TestWebInstallerMakesAWiki(t *testing.T) {
	wiki.scale(t, 1)
	pod := wiki.pods(t)[0].Name
	b := openBrowser(t)
	defer b.close()

	b.do("open the wiki", chromedp.Navigate(wiki.URL))
	assert.Contains(t, b.text("body"), "set up the wiki")
	b.screenshot("not-set-up", 280)
	b.do("follow its link", chromedp.Click(`a[href="`+installer+`"]`, chromedp.ByQuery))
	settings := b.install(wiki.login(t))

	for _, want := range []string{
		fmt.Sprintf("$wgSitename = %q;", siteName), fmt.Sprintf("$wgServer = %q;", wiki.URL),
		`$wgDBtype = "mysql";`, `$wgDBserver = "127.0.0.1";`, `$wgDBname = "my_wiki";`, `$wgDBuser = "wikiuser";`,
	} {
		if !strings.Contains(settings, want) { // not assert.Contains: it would print the file, and the password in it
			t.Errorf("LocalSettings.php has no line %s", want)
		}
	}
	rows := wiki.mustQuery(t, pod, "SELECT page_title FROM page")
	assert.Contains(t, rows, []string{"Main_Page"}, "pages in the Pod's database")

	// As Compose mounts the downloaded file, once its line is uncommented.
	wiki.inMediaWiki(t, pod, settings, "sh", "-c", "cat >"+localSettings)
	b.do("open the wiki", chromedp.Navigate(wiki.URL), chromedp.WaitVisible("#firstHeading", chromedp.ByQuery))
	assert.Equal(t, "Main Page", b.text("#firstHeading"))
	assert.Contains(t, b.text("#mw-content-text"), "MediaWiki has been installed.")
	var title string
	b.do("title", chromedp.Title(&title))
	assert.Equal(t, siteName, title)
	b.do("scripts run", chromedp.WaitVisible("#vector-appearance input", chromedp.ByQuery)) // MediaWiki's scripts make it
	b.screenshot("main-page", 690)

	wiki.restart(t, pod, mediawiki)
	assert.Contains(t, get(t, wiki.URL), "set up the wiki", "LocalSettings.php has outlived its container")
}

// install takes the installer from its first page to its last and returns the LocalSettings.php that it offers there.
func (b *browser) install(database login) string {
	b.t.Helper()
	b.page("Language")
	b.screenshot("installer-language", 720)
	b.next("Welcome")
	assert.Contains(b.t, b.text(".config-page"), "You can install MediaWiki.")

	b.next("DBConnect")
	b.do("name the database",
		fill(`[name="mysql_wgDBserver"]`, database.Host),
		fill(`[name="mysql_wgDBname"]`, database.Database),
		fill(`[name="mysql__InstallUser"]`, database.User),
		fill(`[name="mysql__InstallPassword"]`, database.Password))
	b.screenshot("installer-database", 740)
	b.next("DBSettings")
	b.next("Name")
	b.name()

	b.next("Install")
	b.do("install", b.press(), chromedp.WaitVisible(`form:has(li) [name="submit-continue"]`, chromedp.ByQuery))
	b.screenshot("installer-installed", 720)
	assert.NotContains(b.t, b.text(".config-page"), "failed")
	b.next("Complete")
	assert.Contains(b.t, b.text(".config-page"), "You have installed MediaWiki.")
	assert.Contains(b.t, b.text(".config-page"), "Download LocalSettings.php")
	b.screenshot("installer-complete", 770)
	return b.downloaded("LocalSettings.php")
}

// name gives the wiki a name and an administrator, declines to report to the makers of MediaWiki, and is bored already.
func (b *browser) name() {
	b.t.Helper()
	password := rand.Text()
	b.do("name the wiki",
		fill(`[name="config_wgSitename"]`, siteName),
		fill(`[name="config__AdminName"]`, "Cook"),
		fill(`[name="config__AdminPassword"]`, password),
		fill(`[name="config__AdminPasswordConfirm"]`, password),
		chromedp.Click(`[name="config_wgPingback"]`, chromedp.ByQuery),
		chromedp.Click(`[name="config__SkipOptional"][value="skip"]`, chromedp.ByQuery))
}

// page waits for one of the installer's pages, by the name it has in its form.
func (b *browser) page(name string) {
	b.t.Helper()
	b.do("installer's page "+name, chromedp.WaitVisible(`form[action$="page=`+name+`"]`, chromedp.ByQuery))
}

// next presses Continue and expects a certain page.
func (b *browser) next(name string) {
	b.t.Helper()
	b.do("continue to "+name, b.press())
	b.page(name)
}

func (b *browser) press() chromedp.Action {
	return chromedp.Click(`[name="submit-continue"]`, chromedp.ByQuery)
}
