// Package browser drives a headless Chromium and takes screenshots.
package browser

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	protocol "github.com/chromedp/cdproto/browser"
	"github.com/chromedp/chromedp"
	"github.com/stretchr/testify/require"

	"github.com/mediawiki-stack/mediawiki-stack/tests/internal/await"
)

// artifactsVariable names the folder for screenshots. The default is in the user's cache folder.
const artifactsVariable = "MEDIAWIKI_STACK_ARTIFACTS"

// Browser is a headless Chromium with its own profile.
type Browser struct {
	T *testing.T

	prefix    string // of the names of screenshots
	context   context.Context
	width     int64 // of the window, in pixels
	emulated  []chromedp.EmulateViewportOption
	profile   string
	downloads string // folder for downloads
	artifacts string
}

// Open starts Chromium. Names of screenshots begin with prefix. If pin is not empty, Chromium trusts certificates of the authority with
// that public-key hash. Call Close with defer.
func Open(t *testing.T, prefix, pin string, more ...chromedp.ExecAllocatorOption) *Browser {
	t.Helper()
	program, err := exec.LookPath("chromium")
	require.NoError(t, err, "fix: local/packages test")
	b := &Browser{T: t, prefix: prefix, width: windowWidth, profile: t.TempDir(), downloads: t.TempDir(), artifacts: artifacts(t)}
	options := append(chromedp.DefaultExecAllocatorOptions[:],
		chromedp.ExecPath(program), chromedp.UserDataDir(b.profile), chromedp.Flag("accept-lang", "en"),
		chromedp.WindowSize(windowWidth, 800))
	if pin != "" {
		options = append(options, chromedp.Flag("ignore-certificate-errors-spki-list", pin))
	}
	if os.Geteuid() == 0 {
		options = append(options, chromedp.NoSandbox) // Chromium's sandbox does not work for root
	}
	// Close cancels both contexts.
	allocator, _ := chromedp.NewExecAllocator(t.Context(), append(options, more...)...)
	b.context, _ = chromedp.NewContext(allocator)
	// Set no timeout here: Chromium ends with the context of its first command.
	require.NoError(t, chromedp.Run(b.context,
		protocol.SetDownloadBehavior(protocol.SetDownloadBehaviorBehaviorAllow).WithDownloadPath(b.downloads)))
	return b
}

// artifacts creates the folder for screenshots and returns its path.
func artifacts(t *testing.T) string {
	t.Helper()
	folder := os.Getenv(artifactsVariable)
	if folder == "" {
		cache, err := os.UserCacheDir()
		require.NoError(t, err)
		folder = filepath.Join(cache, "mediawiki-stack", "artifacts")
	}
	require.NoError(t, os.MkdirAll(folder, 0o755))
	return folder
}

// Do runs actions. On failure it takes a screenshot and fails the test.
func (b *Browser) Do(what string, actions ...chromedp.Action) {
	b.T.Helper()
	ctx, cancel := context.WithTimeout(b.context, await.Patience)
	defer cancel()
	if err := chromedp.Run(ctx, actions...); err != nil {
		b.Screenshot("failed", 1000)
		b.T.Fatalf("%s: %v", what, err)
	}
}

// Text waits until an element has visible text, and returns it. It queries the page that is shown: chromedp.Text fails with an element of
// the previous page if a form has just been sent.
func (b *Browser) Text(selector string) string {
	b.T.Helper()
	var text string
	b.Do("text of "+selector, chromedp.Poll(fmt.Sprintf(`(e => e && e.innerText)(document.querySelector(%q))`, selector), &text))
	return text
}

// At makes a host name lead to an address.
func At(host, address string) chromedp.ExecAllocatorOption {
	return chromedp.Flag("host-resolver-rules", "MAP "+host+" "+address)
}

// Fill replaces the text of an input field.
func Fill(selector, text string) chromedp.Action {
	return chromedp.Tasks{chromedp.Clear(selector, chromedp.ByQuery), chromedp.SendKeys(selector, text, chromedp.ByQuery)}
}

// Widths of windows, in pixels.
const (
	windowWidth = 1200
	phoneWidth  = 390
)

// BePhone makes the browser behave as on a phone: it is narrow, and obeys the viewport that a page requests.
func (b *Browser) BePhone() {
	b.T.Helper()
	b.width, b.emulated = phoneWidth, []chromedp.EmulateViewportOption{chromedp.EmulateMobile}
	b.Do("be a phone", chromedp.EmulateViewport(b.width, 844, b.emulated...))
}

// Screenshot writes a window of the given height in pixels to PREFIX-NAME.png in the folder for screenshots.
func (b *Browser) Screenshot(name string, height int64) {
	b.T.Helper()
	ctx, cancel := context.WithTimeout(b.context, await.Patience)
	defer cancel()
	var png []byte
	if err := chromedp.Run(ctx, chromedp.EmulateViewport(b.width, height, b.emulated...), chromedp.CaptureScreenshot(&png)); err != nil {
		b.T.Errorf("screenshot %s: %v", name, err)
		return
	}
	path := filepath.Join(b.artifacts, b.prefix+"-"+name+".png")
	require.NoError(b.T, os.WriteFile(path, png, 0o644))
	b.T.Logf("screenshot: %s", path)
}

// Downloaded waits for a downloaded file and returns its text.
func (b *Browser) Downloaded(name string) string {
	b.T.Helper()
	var text []byte
	await.Success(b.T, name+" is downloaded", func() error {
		var err error
		text, err = os.ReadFile(filepath.Join(b.downloads, name))
		return err
	})
	return string(text)
}

// Close ends Chromium and waits until no process with its profile is left.
func (b *Browser) Close() {
	b.T.Helper()
	if err := chromedp.Cancel(b.context); err != nil {
		b.T.Errorf("close the browser: %v", err)
	}
	await.Success(b.T, "Chromium ends", func() error {
		if left := processesOf(b.profile); len(left) > 0 {
			return fmt.Errorf("processes left: %s", left)
		}
		return nil
	})
}

// processesOf returns the IDs of processes with a text on their command line.
func processesOf(text string) []string {
	files, err := filepath.Glob("/proc/[0-9]*/cmdline")
	if err != nil {
		return nil // a bad pattern; this one is constant
	}
	var found []string
	for _, file := range files {
		line, err := os.ReadFile(file)
		if err == nil && bytes.Contains(line, []byte(text)) {
			found = append(found, strings.Split(file, "/")[2])
		}
	}
	return found
}
