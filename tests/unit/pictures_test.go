package unit

import (
	"encoding/json"
	"maps"
	"os"
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	corev1 "k8s.io/api/core/v1"

	"github.com/mediawiki-stack/mediawiki-stack/components"
	"github.com/mediawiki-stack/mediawiki-stack/internal/mocks"
)

// pictured gives the wiki a logo that is a file, an icon elsewhere, and a favicon that is another file.
func pictured(t *testing.T) change {
	t.Helper()
	t.Chdir(t.TempDir())
	require.NoError(t, os.WriteFile("logo.svg", []byte(`<svg xmlns="http://www.w3.org/2000/svg"/>`), 0o600))
	require.NoError(t, os.WriteFile("favicon.ico", []byte("\x00\x00\x01\x00\x01\x00"), 0o600))
	return func(a *components.MediaWikiStackArgs) {
		a.Wiki.Logo, a.Wiki.Icon, a.Wiki.Favicon = "logo.svg", "https://example.org/a%20b.png", "favicon.ico"
	}
}

func TestPicturesAreServedByBothWebServers(t *testing.T) {
	promise(t, wikiArgs(pictured(t)), func(t *testing.T, r *mocks.Recording) {
		config := get[corev1.ConfigMap](t, r, "mediawiki-settings")
		names := slices.Sorted(maps.Keys(config.BinaryData))
		require.Len(t, names, 2)
		favicon, logo := names[0], names[1]
		assert.Regexp(t, `^favicon-[0-9a-f]{10}\.ico$`, favicon)
		assert.Equal(t, `<svg xmlns="http://www.w3.org/2000/svg"/>`, string(config.BinaryData[logo]))

		var wiki struct{ Pictures map[string]string }
		if text := config.Data["wiki.json"]; text != "" { // in a preview it is not known
			require.NoError(t, json.Unmarshal([]byte(text), &wiki))
			assert.Equal(t, map[string]string{
				"logo": "/brand/" + logo, "icon": "https://example.org/a%20b.png", "favicon": "/brand/" + favicon,
			}, wiki.Pictures)
		}
		for _, name := range []string{"mediawiki", "files"} {
			command := container(t, webPod(t, r), name).Command
			assert.Contains(t, command, "Define PICTURES "+logo+"|"+favicon, name)
			assert.Contains(t, command, "Define FAVICON /brand/"+favicon, name)
		}
	})
}

func TestFaviconElsewhereIsRedirectedTo(t *testing.T) {
	for favicon, target := range map[string]string{
		"https://example.org/a%20b.png": `https://example.org/a\%20b.png`,
		"/images/5/5a/K%C3%BCche.png":   "/images/5/5a/Küche.png",
	} {
		elsewhere := func(a *components.MediaWikiStackArgs) { a.Wiki.Favicon = favicon }
		command := container(t, webPod(t, update(t, wikiArgs(elsewhere))), "files").Command
		assert.Contains(t, command, "Define FAVICON "+target)
		assert.NotRegexp(t, "PICTURES", command)
	}
}

func TestMissingPictureIsRefused(t *testing.T) {
	missing := func(a *components.MediaWikiStackArgs) { a.Wiki.Icon = "missing.png" }
	assert.ErrorContains(t, refusal(t, wikiArgs(missing)),
		`the value of Wiki.Icon is "missing.png"; set it to a file beside Pulumi.yaml; there is no`)
}
