package wiki

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/mediawiki-stack/mediawiki-stack/tests/internal/await"
	"github.com/mediawiki-stack/mediawiki-stack/tests/internal/engine"
	"github.com/mediawiki-stack/mediawiki-stack/tests/internal/kube"
	"github.com/mediawiki-stack/mediawiki-stack/tests/internal/storage"
)

// TestPackages follows a wiki with extensions and a skin that are not in its image.
func TestPackages(t *testing.T) {
	besideOthers(t, 3)
	w := &packagedWiki{}
	w.wiki = newWiki(t, "packages", engine.Options{Settings: w.settings()})
	defer w.Explain(t)
	w.server = newPackageServer(t, w.Config)
	moved := w.server.add("Pantry", "/Pantry-main.tar.gz", packageFiles(t, "Pantry").pack(t, "Pantry-main/"))
	moved["url"] = fmt.Sprint(moved["url"], "?moved")
	secure := w.server.add("Spices", "/Spices.tar.gz", packageFiles(t, "Spices").pack(t, "./"))
	secure["url"] = w.server.secure + "/Spices.tar.gz"
	w.packages = []map[string]any{
		moved,
		secure,
		w.server.add("Tablecloth", "/skins/Tablecloth.tar.gz", packageFiles(t, "Tablecloth").pack(t, "Tablecloth/")),
	}
	w.SetValue(t, "packages", w.packages)
	w.SetValue(t, "packageAuthorities", w.server.authority)
	chapter(t, t.Run("an extension with a table and a job, one with vendor/ and a skin work", func(t *testing.T) {
		w.up(t)
		w.usesPackages(t, "edition one")
	}))
	t.Run("a second preview is empty", w.secondPreviewIsEmpty)
	t.Run("Pods start without the network", w.podsNeedNoServer)
	t.Run("the doctor does not miss write access to the packages", func(t *testing.T) {
		assert.NotContains(t, strings.Join(failures(w.examine(t)), "\n"), "cannot write to")
	})
	t.Run("an image is refused, because the embedded cluster cannot mount it", w.imagesAreRefused)
	t.Run("archives that cannot be used are refused, with the reason", w.badPackagesAreRefused)
	thorough(t, "another archive is an upgrade, and a rollback needs no network", w.packageIsReplaced)
	thorough(t, "a package that extensions names cannot be removed", w.packageInUseIsNotRemoved)
	thorough(t, "a migration that is killed while it downloads is run again", w.killedDownloadIsRepeated)
	if testing.Short() {
		return
	}
	s3 := storage.NewS3(t, w.Config)
	chapter(t, t.Run("archives come from a claim and from S3", func(t *testing.T) { w.archivesComeFromElsewhere(t, s3) }))
	t.Run("archives that no revision uses any more are deleted", w.unusedPackagesAreDeleted)
	t.Run("a full volume is named, after what no revision uses was deleted", w.packagesDiskIsFull)
	t.Run("a new wiki gets the packages from its backup", func(t *testing.T) { w.backupHasPackages(t, s3) })
	t.Run("removing an extension says what remains", w.removalIsReported)
}

// settings returns the settings besides the packages themselves.
func (*packagedWiki) settings() map[string]any {
	return map[string]any{
		"replicas": 1, "backups.keep": 2, "skins": []string{"Vector", "Tablecloth"}, "extensions": []string{"Cite", "Pantry", "Spices"},
		"extraSettings": "$wgPantryShelf = ', top shelf';",
	}
}

// packagedWiki is a wiki with packages.
type packagedWiki struct {
	*wiki
	server   *packageServer
	packages []map[string]any
}

// with returns the packages with other in the place of the one of the same name, or appended if there is none.
func (w *packagedWiki) with(other map[string]any) []map[string]any {
	all := slices.Clone(w.packages)
	if i := slices.IndexFunc(all, func(p map[string]any) bool { return p["name"] == other["name"] }); i >= 0 {
		all[i] = other
		return all
	}
	return append(all, other)
}

// usesPackages edits a page, and checks what the packages make of it.
func (w *packagedWiki) usesPackages(t *testing.T, edition string) {
	t.Helper()
	require.NoError(t, w.admin.Edit(t.Context(), "Jar:Plums", "<pantry/> with <spice/>"))
	page, err := w.anonymous().Page(t.Context(), "Jar:Plums")
	require.NoError(t, err)
	assert.Contains(t, page, `<b class="pantry">`+edition+`, top shelf</b> with cardamom`)
	await.Success(t, "a job has written a row into the extension's table", func() error {
		rows := strings.TrimSpace(w.asRoot(t, "SELECT COUNT(*) FROM my_wiki.pantry_jar JOIN my_wiki.page ON page_id = jar_page "+
			"WHERE page_namespace = 3400 AND page_title = 'Plums'"))
		if rows == "0" {
			return fmt.Errorf("there are %s rows", rows)
		}
		return nil
	})
	response, err := w.anonymous().Get(t.Context(), "/wiki/Jar:Plums?useskin=tablecloth")
	require.NoError(t, err)
	assert.Contains(t, string(response.Body), `<div id="tablecloth"><h1>`)
	for path, status := range map[string]int{
		"/extensions/Pantry/resources/jar.svg": http.StatusOK, "/skins/Tablecloth/resources/cloth.css": http.StatusOK,
		"/extensions/Pantry/src/Hooks.php": http.StatusForbidden, "/extensions/Spices/composer.json": http.StatusForbidden,
	} {
		response, err := w.anonymous().Get(t.Context(), path)
		require.NoError(t, err)
		assert.Equal(t, status, response.Status, path)
	}
}

// podsNeedNoServer deletes a web Pod while the server of the packages is away.
func (w *packagedWiki) podsNeedNoServer(t *testing.T) {
	w.server.setDown(true)
	defer w.server.setDown(false)
	before, pods := w.server.count(), w.AwaitReady(t, webPods, 1)
	w.DeletePod(t, kube.Names(pods)[0])
	w.AwaitReplaced(t, webPods, pods, 1)
	w.AwaitReady(t, webPods, 1) // the old Pod, which serves readers while it terminates, no longer exists
	w.awaitAnswer(t)
	w.usesPackages(t, "edition one")
	assert.Equal(t, before, w.server.count(), "requests")
}

// imagesAreRefused previews a package that is an image. The embedded cluster has Debian's containerd. Package imagevolumes has a newer one.
func (w *packagedWiki) imagesAreRefused(t *testing.T) {
	image := w.with(map[string]any{"name": "Pantry", "image": "example.org/pantry:1.0", "path": "Pantry"})
	p, err := w.PreviewChange(t, engine.Change{Key: "packages", Value: image})
	require.Error(t, err)
	assert.Contains(t, p.Printed, "mediawiki:packages[0] is image example.org/pantry:1.0, but these nodes cannot mount images: ")
	assert.Contains(t, p.Printed, "-1 (containerd 1.")
	assert.Contains(t, p.Printed, "want: Kubernetes 1.35 or newer")
}

// badPackagesAreRefused adds a package that cannot be used. Nothing that readers reach may change.
func (w *packagedWiki) badPackagesAreRefused(t *testing.T) {
	pantry, spices := packageFiles(t, "Pantry"), packageFiles(t, "Spices")
	table := map[string]struct {
		content []byte
		server  string // empty: the one without TLS
		query   string
		name    string
		sum     string
		want    string
	}{
		"another hash": {
			content: pantry.pack(t, "a/"), sum: strings.Repeat("0", 64), want: "its sha256 is " + sumOf(pantry.pack(t, "a/")),
		},
		"another MediaWiki": {
			content: pantry.with(files{
				"extension.json": strings.Replace(pantry["extension.json"], ">= 1.39.0", ">= 9.0", 1),
			}).pack(t, "b/"),
			want: "Pantry is not compatible with the current MediaWiki core",
		},
		"another PHP": {
			content: pantry.with(files{"extension.json": strings.Replace(pantry["extension.json"],
				`"MediaWiki": ">= 1.39.0"`, `"MediaWiki": ">= 1.39.0", "platform": { "php": ">= 9.0" }`, 1)}).pack(t, "l/"),
			want: "Pantry is not compatible with the current PHP",
		},
		"another extension": {
			content: pantry.with(files{"extension.json": strings.Replace(pantry["extension.json"],
				`"MediaWiki": ">= 1.39.0"`, `"MediaWiki": ">= 1.39.0", "extensions": { "Cellar": "*" }`, 1)}).pack(t, "c/"),
			want: "Pantry requires Cellar to be installed",
		},
		"no libraries": {
			name: "Spices", content: spices.with(files{"vendor/autoload.php": "", "vendor/spice/Spice.php": ""}).pack(t, "d/"),
			want: "its composer.json requires example/spice, and neither its vendor/",
		},
		"a path outside": {content: pantry.with(files{"../../evil.php": "<?php"}).pack(t, "e/"), want: "would be outside of its folder"},
		"no extension":   {content: files{"README": "Soup"}.pack(t, "f/"), want: "it has no extension.json"},
		"a skin":         {content: packageFiles(t, "Tablecloth").pack(t, "g/"), want: "name it in skins instead of extensions"},
		"no archive":     {content: []byte("<!DOCTYPE html>"), want: "neither a tar.gz nor a zip"},
		"a bundled name": {name: "Cite", content: pantry.pack(t, "h/"), want: "the image has extensions/Cite already"},
		"another authority": {
			content: pantry.pack(t, "i/"), server: w.server.untrusted, want: "issued the server's certificate, set packageAuthorities",
		},
		"a server that ends early":      {content: pantry.pack(t, "j/"), query: "?cut", want: "bytes missing"},
		"a redirect that leads nowhere": {content: pantry.pack(t, "k/"), query: "?loop", want: "Maximum (5) redirects followed"},
		"another address":               {sum: strings.Repeat("1", 64), want: "The requested URL returned error: 404"},
	}
	before, pods := w.contents(t), uids(w.ReadyPods(t, webPods))
	tables := w.asRoot(t, "SHOW TABLES FROM my_wiki")
	for _, name := range cases(1, table) {
		t.Run(name, func(t *testing.T) {
			c := table[name]
			if c.name == "" {
				c.name = "Pantry"
			}
			item := map[string]any{"name": c.name, "url": w.server.url + "/nothing.tar.gz", "sha256": c.sum}
			if c.content != nil {
				item = w.server.add(c.name, "/bad/"+strings.ReplaceAll(name, " ", "-")+".tar.gz", c.content)
			}
			if c.server != "" {
				item["url"] = strings.Replace(fmt.Sprint(item["url"]), w.server.url, c.server, 1)
			}
			item["url"] = fmt.Sprint(item["url"], c.query)
			if c.sum != "" {
				item["sha256"] = c.sum
			}
			w.SetValue(t, "packages", w.with(item))
			defer w.SetValue(t, "packages", w.packages)
			p, err := w.Operate(t, "up")
			require.Error(t, err)
			assert.Contains(t, p.Printed, c.want)
			assert.Equal(t, before, w.contents(t))
			assert.Equal(t, pods, uids(w.ReadyPods(t, webPods)), "web Pods")
			assert.Equal(t, tables, w.asRoot(t, "SHOW TABLES FROM my_wiki"))
		})
	}
}
