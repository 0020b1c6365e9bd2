package unit

import (
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"

	"github.com/mediawiki-stack/mediawiki-stack/components"
	"github.com/mediawiki-stack/mediawiki-stack/internal/mocks"
)

func TestSitemapIsForWikisThatSearchEnginesMayFind(t *testing.T) {
	const line = "\nSitemap: https://wiki.example.org/sitemap-index-wiki.xml\n"
	for name, c := range map[string]struct {
		change change
		listed bool
	}{
		"a public address":       {func(*components.MediaWikiStackArgs) {}, true},
		"a wiki without a cache": {uncached, true},
		"a wiki without siteUrl": {func(a *components.MediaWikiStackArgs) { a.SiteURL = "" }, false},
		"a private wiki":         {func(a *components.MediaWikiStackArgs) { a.Wiki.Access = components.AccessPrivate }, false},
		"robots that stay away":  {func(a *components.MediaWikiStackArgs) { a.Wiki.Robots = components.RobotsNone }, false},
		"a wiki that wants none": {func(a *components.MediaWikiStackArgs) { a.Wiki.Sitemap = new(false) }, false},
	} {
		t.Run(name, func(t *testing.T) {
			promise(t, wikiArgs(withTLS, c.change), func(t *testing.T, r *mocks.Recording) {
				assert.Equal(t, c.listed, strings.HasSuffix(robots(t, r), line))
				runner := get[appsv1.Deployment](t, r, "mediawiki-jobs").Spec.Template.Spec
				assert.Equal(t, c.listed, variable(container(t, runner, "jobs"), "MEDIAWIKI_SITEMAP") != "", "the job runner writes it")
				for _, server := range webPod(t, r).Containers {
					assert.Equal(t, c.listed, slices.Contains(server.Command, "-DSitemap"), "%s serves it", server.Name)
				}
			})
		})
	}
}

func TestRobotsCanBeAskedToStayAway(t *testing.T) {
	none := func(a *components.MediaWikiStackArgs) { a.Wiki.Robots = components.RobotsNone }
	promise(t, wikiArgs(none), func(t *testing.T, r *mocks.Recording) {
		assert.Equal(t, "User-agent: *\nDisallow: /\n", robots(t, r))
	})
	promise(t, wikiArgs(), func(t *testing.T, r *mocks.Recording) {
		assert.Contains(t, robots(t, r), "Disallow: /api.php\n")
	})
}

func robots(t *testing.T, r *mocks.Recording) string {
	t.Helper()
	return get[corev1.ConfigMap](t, r, "mediawiki-settings").Data["robots.txt"]
}
