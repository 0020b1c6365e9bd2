package pictures_test

import (
	"bytes"
	"image"
	"image/jpeg"
	"image/png"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/mediawiki-stack/mediawiki-stack/internal/pictures"
)

const svg = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 1 1"/>`

// encoded returns a picture of one color.
func encoded(t *testing.T, encode func(*bytes.Buffer, image.Image) error) string {
	t.Helper()
	var file bytes.Buffer
	require.NoError(t, encode(&file, image.NewRGBA(image.Rect(0, 0, 9, 9))))
	return file.String()
}

func TestFileIsKnownByItsContent(t *testing.T) {
	t.Chdir(t.TempDir())
	require.NoError(t, os.Mkdir("pictures", 0o755))
	drawn := "\ufeff" + `<?xml version="1.0" encoding="iso-8859-1"?><!-- drawn --><!DOCTYPE svg [<!ENTITY n "x">]><svg xmlns="&n;"></svg>`
	for content, extension := range map[string]string{
		svg: "svg", "\n " + svg: "svg", drawn: "svg",
		encoded(t, func(w *bytes.Buffer, i image.Image) error { return png.Encode(w, i) }):       "png",
		encoded(t, func(w *bytes.Buffer, i image.Image) error { return jpeg.Encode(w, i, nil) }): "jpg",
		"\x00\x00\x01\x00\x01\x00":        "ico",
		"RIFF\x10\x00\x00\x00WEBPVP8\x20": "webp",
	} {
		require.NoError(t, os.WriteFile("pictures/mine", []byte(content), 0o600))
		picture, err := pictures.Read("logo", "pictures/mine", true)
		require.NoError(t, err, extension)
		assert.Regexp(t, `^/brand/logo-[0-9a-f]{10}\.`+extension+`$`, picture.Address)
		assert.Equal(t, picture.Address, pictures.Folder+picture.File)
		assert.Equal(t, content, string(picture.Content))
	}
}

func TestAddressChangesWithTheContent(t *testing.T) {
	t.Chdir(t.TempDir())
	found := map[string]bool{}
	for _, content := range []string{svg, svg + "\n", svg} {
		require.NoError(t, os.WriteFile("logo.svg", []byte(content), 0o600))
		picture, err := pictures.Read("icon", "logo.svg", false)
		require.NoError(t, err)
		found[picture.Address] = true
	}
	assert.Len(t, found, 2)
}

func TestPictureMayBeElsewhere(t *testing.T) {
	for value, address := range map[string]string{
		"/images/a/ab/Logo.png":           "/images/a/ab/Logo.png",
		"/images/5/5a/K%C3%BCche.png":     "/images/5/5a/K%C3%BCche.png",
		"/images/5/5a/Küche.png":          "/images/5/5a/K%C3%BCche.png",
		"/resources/assets/mediawiki.png": "/resources/assets/mediawiki.png",
		"https://example.org/a%20b.png?1": "https://example.org/a%20b.png?1",
	} {
		picture, err := pictures.Read("logo", value, false)
		require.NoError(t, err, value)
		assert.Equal(t, &pictures.Picture{Address: address}, picture)
	}
	picture, err := pictures.Read("logo", "", false)
	require.NoError(t, err)
	assert.Nil(t, picture)
}

func TestWhatIsNoPictureIsRefused(t *testing.T) {
	folder := t.TempDir()
	t.Chdir(folder)
	for name, content := range map[string]string{
		"empty": "", "text": "logo", "page.html": "<html><svg/></html>", "cut.svg": "<?xml version='1.0'?>",
		"gif":     "GIF89a\x01\x00\x01\x00",
		"big.svg": svg + strings.Repeat(" ", 300<<10),
		"big.png": encoded(t, func(w *bytes.Buffer, i image.Image) error { return png.Encode(w, i) }) + strings.Repeat("\x00", 256<<10),
	} {
		require.NoError(t, os.WriteFile(name, []byte(content), 0o600))
	}
	require.NoError(t, syscall.Mkfifo("pipe", 0o600))
	at := func(name string) string { return filepath.Join(folder, name) }
	for value, want := range map[string]*pictures.Error{
		"missing.svg": {Want: "a file beside Pulumi.yaml; there is no " + at("missing.svg"), Fix: "cp YOUR_PICTURE " + at("missing.svg")},
		"empty":       {Want: "the content of " + at("empty") + " is text/plain"},
		"text":        {Want: "the content of " + at("text") + " is text/plain"},
		"page.html":   {Want: "is text/html"},
		"cut.svg":     {Want: "is text/xml"},
		"gif":         {Want: "is image/gif"},
		"big.svg":     {Want: "at most 256 KiB, because every reader loads it; " + at("big.svg") + " has 300 KiB"},
		"big.png":     {Want: "at most 256 KiB", Fix: "convert " + at("big.png") + " -resize '270x270>' -strip " + at("big.png")},
		".":           {Want: "a file; " + folder + " is a directory"},
		"pipe":        {Want: "a file; " + at("pipe") + " is a pipe, socket or device"},

		"../logo.svg":                     {Want: "a file beside Pulumi.yaml, or in a folder there"},
		"/etc/logo.svg":                   {Want: "a path in the wiki that begins with /images/"},
		"/images/../../etc/passwd":        {Want: "a path in the wiki"},
		"/images/%2e%2e/deleted/a.png":    {Want: "a path in the wiki"},
		"//example.org/logo.svg":          {Want: "a path in the wiki"},
		`/images/a.png" onerror="alert()`: {Want: "a path in the wiki"},
		"/images/${HOME}.png":             {Want: "a path in the wiki"},
		"http://example.org/logo.svg":     {Want: "an https address"},
		"https:///logo.svg":               {Want: "an https address"},
		"https://me:me@example.org/a.svg": {Want: "an https address"},
		"https://example.org/a b.svg":     {Want: "an https address"},
	} {
		_, err := pictures.Read("logo", value, false)
		var problem *pictures.Error
		require.ErrorAs(t, err, &problem, value)
		assert.Regexp(t, regexp.QuoteMeta(want.Want), problem.Want)
		assert.Equal(t, want.Fix, problem.Fix, value)
	}
}

func TestPrivateWikiHasNoPictureAmongItsUploads(t *testing.T) {
	_, err := pictures.Read("logo", "/images/a/ab/Logo.png", true)
	require.ErrorContains(t, err, "because a private wiki (access)")
	_, err = pictures.Read("logo", "/resources/assets/mediawiki.png", true)
	require.NoError(t, err)
}

func TestFileOfACheckoutIsNamedByItsOwnPath(t *testing.T) {
	checkout, folder := t.TempDir(), t.TempDir()
	t.Chdir(folder)
	require.NoError(t, os.Symlink(filepath.Join(checkout, "logo.svg"), "logo.svg"))
	_, err := pictures.Read("logo", "logo.svg", false)
	require.ErrorContains(t, err, "there is no "+filepath.Join(checkout, "logo.svg"))
	require.NoError(t, os.WriteFile(filepath.Join(checkout, "logo.svg"), []byte(svg), 0o600))
	_, err = pictures.Read("logo", "logo.svg", false)
	require.NoError(t, err)
}
