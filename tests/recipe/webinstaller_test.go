package recipe

import (
	"crypto/rand"
	"fmt"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/stretchr/testify/assert"

	"github.com/mediawiki-stack/mediawiki-stack/tests/internal/browser"
	"github.com/mediawiki-stack/mediawiki-stack/tests/internal/mariadb"
)

const (
	installer     = "/mw-config/index.php"
	localSettings = "/var/www/html/LocalSettings.php"
	siteName      = "Haute Cuisine"
)

// installation is a browser in the web installer.
type installation struct{ *browser.Browser }

// TestWebInstallerInstallsAWiki uses one Pod. TestInstallerLosesItsSessionBetweenTwoPods shows why.
func TestWebInstallerInstallsAWiki(t *testing.T) {
	wiki.scale(t, 1)
	pod := wiki.pods(t)[0].Name
	b := installation{browser.Open(t, "recipe", "")}
	defer b.Close()

	b.Do("open the wiki", chromedp.Navigate(wiki.URL))
	assert.Contains(t, b.Text("body"), "set up the wiki")
	b.Screenshot("not-set-up", 280)
	b.Do("follow its link", chromedp.Click(`a[href="`+installer+`"]`, chromedp.ByQuery))
	settings := b.install(wiki.login(t))

	for _, want := range []string{
		fmt.Sprintf("$wgSitename = %q;", siteName), fmt.Sprintf("$wgServer = %q;", wiki.URL),
		`$wgDBtype = "mysql";`, `$wgDBserver = "127.0.0.1";`, `$wgDBname = "my_wiki";`, `$wgDBuser = "wikiuser";`,
	} {
		if !strings.Contains(settings, want) { // assert.Contains would print the file with its password
			t.Errorf("LocalSettings.php has no line %s", want)
		}
	}
	rows := wiki.mustQuery(t, pod, "SELECT page_title FROM page")
	assert.Contains(t, rows, []string{"Main_Page"}, "pages in the Pod's database")

	// Compose mounts the downloaded file once its line is uncommented.
	wiki.inMediaWiki(t, pod, settings, "sh", "-c", "cat >"+localSettings)
	b.Do("open the wiki", chromedp.Navigate(wiki.URL), chromedp.WaitVisible("#firstHeading", chromedp.ByQuery))
	assert.Equal(t, "Main Page", b.Text("#firstHeading"))
	assert.Contains(t, b.Text("#mw-content-text"), "MediaWiki has been installed.")
	var title string
	b.Do("title", chromedp.Title(&title))
	assert.Equal(t, siteName, title)
	b.Do("scripts run", chromedp.WaitVisible("#vector-appearance input", chromedp.ByQuery)) // created by MediaWiki's scripts
	b.Screenshot("main-page", 690)

	wiki.restart(t, pod, mediawikiContainer)
	assert.Contains(t, get(t, wiki.URL), "set up the wiki", "LocalSettings.php must be lost with its container")
}

// install goes through the installer and returns the LocalSettings.php that it offers on its last page.
func (b installation) install(database mariadb.Login) string {
	b.T.Helper()
	b.page("Language")
	b.Screenshot("installer-language", 720)
	b.next("Welcome")
	assert.Contains(b.T, b.Text(".config-page"), "You can install MediaWiki.")

	b.next("DBConnect")
	b.Do("name the database",
		browser.Fill(`[name="mysql_wgDBserver"]`, database.Host),
		browser.Fill(`[name="mysql_wgDBname"]`, database.Database),
		browser.Fill(`[name="mysql__InstallUser"]`, database.User),
		browser.Fill(`[name="mysql__InstallPassword"]`, database.Password))
	b.Screenshot("installer-database", 740)
	b.next("DBSettings")
	b.next("Name")
	b.name()

	b.next("Install")
	b.Do("install", b.press(), chromedp.WaitVisible(`form:has(li) [name="submit-continue"]`, chromedp.ByQuery))
	b.Screenshot("installer-installed", 720)
	assert.NotContains(b.T, b.Text(".config-page"), "failed")
	b.next("Complete")
	assert.Contains(b.T, b.Text(".config-page"), "You have installed MediaWiki.")
	assert.Contains(b.T, b.Text(".config-page"), "Download LocalSettings.php")
	b.Screenshot("installer-complete", 770)
	return b.Downloaded("LocalSettings.php")
}

// name fills in the wiki's name and administrator, opts out of telemetry, and skips the optional settings.
func (b installation) name() {
	b.T.Helper()
	password := rand.Text()
	b.Do("name the wiki",
		browser.Fill(`[name="config_wgSitename"]`, siteName),
		browser.Fill(`[name="config__AdminName"]`, "Cook"),
		browser.Fill(`[name="config__AdminPassword"]`, password),
		browser.Fill(`[name="config__AdminPasswordConfirm"]`, password),
		chromedp.Click(`[name="config_wgPingback"]`, chromedp.ByQuery),
		chromedp.Click(`[name="config__SkipOptional"][value="skip"]`, chromedp.ByQuery))
}

// page waits for one of the installer's pages, by the name in its form.
func (b installation) page(name string) {
	b.T.Helper()
	b.Do("installer's page "+name, chromedp.WaitVisible(`form[action$="page=`+name+`"]`, chromedp.ByQuery))
}

// next clicks Continue and waits for the given page.
func (b installation) next(name string) {
	b.T.Helper()
	b.Do("continue to "+name, b.press())
	b.page(name)
}

func (b installation) press() chromedp.Action {
	return chromedp.Click(`[name="submit-continue"]`, chromedp.ByQuery)
}
