package test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestWikiIsInstalledAndServedInOnePod(t *testing.T) {
	t.Parallel()
	database := startDatabase(t, directory(t), "MYSQL_DATABASE=my_wiki", "MYSQL_USER=wikiuser", "MYSQL_PASSWORD=example",
		"MYSQL_RANDOM_ROOT_PASSWORD=yes").serves()
	settings, uploads := directory(t), directory(t)
	// Apache starts before there are settings; MediaWiki says that they are missing.
	web := start(t, spec{
		image: mediawiki, user: 33, pod: database, env: []string{"MW_CONFIG_FILE=/mnt/LocalSettings.php"},
		binds: map[string]string{"/mnt": settings, documentRoot + "/images": uploads},
	})
	said, err := web.exec("env", "-u", "MW_CONFIG_FILE", "php", "maintenance/install.php", "--confpath=/mnt", "--server=http://127.0.0.1",
		"--scriptpath=", "--dbtype=mysql", "--dbserver=127.0.0.1", "--dbname=my_wiki", "--dbuser=wikiuser", "--dbpass=example",
		"--pass=a long enough one", "--with-extensions", "Test wiki", "Admin")
	must(t, err)
	if _, err := os.Stat(filepath.Join(settings, "LocalSettings.php")); err != nil {
		t.Fatalf("%v after:\n%s", err, said)
	}
	for path, want := range map[string]string{
		"/index.php/Main_Page":                         "MediaWiki has been installed",
		"/index.php/Special:Version":                   ">" + mediawiki.config.env("MEDIAWIKI_VERSION") + "<",
		"/load.php?modules=startup&only=scripts&raw=1": "mw.loader",
	} {
		page, err := web.get(path)
		must(t, err)
		if !strings.HasPrefix(page, "HTTP/1.1 200") || !strings.Contains(page, want) {
			t.Errorf("%s lacks %q:\n%.3000s", path, want, page)
		}
	}

	// Every extension and skin that comes with the image works: none is a dangling link, none lacks a library.
	version, err := web.get("/index.php/Special:Version")
	must(t, err)
	for _, name := range []string{
		"MinervaNeue", "MonoBook", "Timeless", "Vector", "ParserFunctions", "Scribunto", "SyntaxHighlight", "VisualEditor", "WikiEditor",
	} {
		if !strings.Contains(version, name) {
			t.Errorf("%s is not in use", name)
		}
	}
	// Scribunto comes with programs for amd64 only, so on arm64 Lua needs the extension of PHP.
	_, err = web.exec("sh", "-c", `echo "return { answer = function() return 6 * 7 + 1 end }" | php maintenance/run.php edit Module:Test`)
	must(t, err)
	for text, want := range map[string]string{
		"{{#expr: 6*7}}":          "42",
		"{{#invoke:Test|answer}}": "43",
		"<syntaxhighlight lang=python>print</syntaxhighlight>": "mw-highlight",
	} {
		page, err := web.exec("curl", "-sS", "--get", "http://127.0.0.1/api.php",
			"--data", "action=parse&format=json&contentmodel=wikitext&prop=text", "--data-urlencode", "text="+text)
		must(t, err)
		if !strings.Contains(page, want) {
			t.Errorf("%s: %q is not in\n%s", text, want, page)
		}
	}
}
