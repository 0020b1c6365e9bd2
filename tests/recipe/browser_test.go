package recipe

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

	"mediawiki-stack/tests/internal/await"
)

// artifactsVariable names the folder that screenshots are written to; by default it is in the user's cache.
const artifactsVariable = "MEDIAWIKI_STACK_ARTIFACTS"

// browser is a headless Chromium with a profile of its own.
type browser struct {
	t         *testing.T
	context   context.Context
	profile   string
	downloads string // whatever is offered for download comes here
	artifacts string
}

// openBrowser starts Chromium. Close it, however the test ends.
func openBrowser(t *testing.T) *browser {
	t.Helper()
	program, err := exec.LookPath("chromium")
	require.NoError(t, err, "type: local/packages test")
	b := &browser{t: t, profile: t.TempDir(), downloads: t.TempDir(), artifacts: artifacts(t)}
	options := append(chromedp.DefaultExecAllocatorOptions[:],
		chromedp.ExecPath(program), chromedp.UserDataDir(b.profile), chromedp.Flag("accept-lang", "en"),
		chromedp.WindowSize(windowWidth, 800))
	if os.Geteuid() == 0 {
		options = append(options, chromedp.NoSandbox) // Chromium's sandbox refuses to work for root
	}
	// close cancels both.
	allocator, _ := chromedp.NewExecAllocator(t.Context(), options...)
	b.context, _ = chromedp.NewContext(allocator)
	// Without a time limit: Chromium lives as long as the context of its first command.
	require.NoError(t, chromedp.Run(b.context,
		protocol.SetDownloadBehavior(protocol.SetDownloadBehaviorBehaviorAllow).WithDownloadPath(b.downloads)))
	return b
}

// artifacts makes the folder for screenshots.
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

// do acts in the browser. If that fails, a screenshot shows where.
func (b *browser) do(what string, actions ...chromedp.Action) {
	b.t.Helper()
	ctx, cancel := context.WithTimeout(b.context, await.Patience)
	defer cancel()
	if err := chromedp.Run(ctx, actions...); err != nil {
		b.screenshot("failed", 1000)
		b.t.Fatalf("%s: %v", what, err)
	}
}

// text is what an element shows.
func (b *browser) text(selector string) string {
	b.t.Helper()
	var text string
	b.do("text of "+selector, chromedp.Text(selector, &text, chromedp.ByQuery))
	return text
}

// fill types a text into an empty or filled field.
func fill(selector, text string) chromedp.Action {
	return chromedp.Tasks{chromedp.Clear(selector, chromedp.ByQuery), chromedp.SendKeys(selector, text, chromedp.ByQuery)}
}

// windowWidth and a screenshot's own height are in pixels.
const windowWidth = 1200

// screenshot writes what a window of that height shows to recipe-NAME.png among the artifacts.
func (b *browser) screenshot(name string, height int64) {
	b.t.Helper()
	ctx, cancel := context.WithTimeout(b.context, await.Patience)
	defer cancel()
	var png []byte
	if err := chromedp.Run(ctx, chromedp.EmulateViewport(windowWidth, height), chromedp.CaptureScreenshot(&png)); err != nil {
		b.t.Errorf("screenshot %s: %v", name, err)
		return
	}
	path := filepath.Join(b.artifacts, "recipe-"+name+".png")
	require.NoError(b.t, os.WriteFile(path, png, 0o644))
	b.t.Logf("screenshot: %s", path)
}

// downloaded waits for a file that the browser downloads and returns its text.
func (b *browser) downloaded(name string) string {
	b.t.Helper()
	var text []byte
	await.Success(b.t, name+" is downloaded", func() error {
		var err error
		text, err = os.ReadFile(filepath.Join(b.downloads, name))
		return err
	})
	return string(text)
}

// close ends Chromium and waits until no process of its profile is left.
func (b *browser) close() {
	b.t.Helper()
	if err := chromedp.Cancel(b.context); err != nil {
		b.t.Errorf("close the browser: %v", err)
	}
	await.Success(b.t, "Chromium ends", func() error {
		if left := processesOf(b.profile); len(left) > 0 {
			return fmt.Errorf("still there: %s", left)
		}
		return nil
	})
}

// processesOf lists the processes with a text on their command line.
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
