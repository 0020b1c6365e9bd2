package main

import (
	"context"
	"fmt"
	"os"
	"strings"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"
)

const (
	gallery  = "Pictures"
	pictures = 40 // on the page
	slower   = 4  // a phone's processor, compared with this machine's
)

// browsing measures what Chromium does to show a page with many pictures: with an empty cache, and when the reader comes back.
func (b *bench) browsing(ctx context.Context) error {
	for _, s := range []*site{b.recipe, b.ours} {
		if err := s.writeGallery(ctx); err != nil {
			return err
		}
	}
	progress("%s in a browser", gallery)
	const name = "40 pictures in a browser, %s view: %s"
	var rows []measure
	for _, which := range []string{"first", "second"} {
		for _, row := range []measure{
			{Name: "requests", Unit: "requests"},
			{Name: "transferred", Unit: "kB"},
			{Name: "first contentful paint", Unit: "ms"},
			{Name: "loaded", Unit: "ms"},
		} {
			rows = append(rows, measure{Name: fmt.Sprintf(name, which, row.Name), Unit: row.Unit})
		}
	}
	for round := -1; round < b.rounds; round++ { // the first one fills the wikis' caches and does not count
		for _, s := range []*site{b.recipe, b.ours} {
			values, err := visits(ctx, s.page(gallery))
			if err != nil {
				return fmt.Errorf("%s: %w", s.stack, err)
			}
			for i := range rows {
				if round >= 0 {
					b.round(&rows[i], s, values[i])
				}
			}
		}
	}
	for i := range rows {
		b.add(&rows[i])
	}
	return nil
}

// writeGallery uploads pictures and creates a page that shows all of them.
func (s *site) writeGallery(ctx context.Context) error {
	progress("uploading %d pictures to %s", pictures, s.stack)
	words := newWords(6)
	var text strings.Builder
	for n := range pictures {
		name := fmt.Sprintf("Picture %d.png", n)
		if err := s.admin.Upload(ctx, name, drawing(n)); err != nil {
			return err
		}
		fmt.Fprintf(&text, "[[File:%s|thumb|%s]]\n%s\n\n", name, words(), paragraph(words, 60))
	}
	admin := s.admin.WithTimeout(time.Minute) // the page is saved when the pictures have been scaled
	if err := admin.Edit(ctx, gallery, text.String()); err != nil {
		return err
	}
	return s.runAllJobs(ctx)
}

// visits opens a page twice in a new browser, and returns for each view the requests that were sent, the kB that were received, and the
// milliseconds until the first text or picture was shown and until all had been loaded.
func visits(ctx context.Context, address string) (values []float64, err error) {
	profile, err := os.MkdirTemp("", "bench-")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(profile)
	options := append(chromedp.DefaultExecAllocatorOptions[:], chromedp.UserDataDir(profile), chromedp.WindowSize(1200, 800))
	if os.Geteuid() == 0 {
		options = append(options, chromedp.NoSandbox) // Chromium's sandbox does not work for root
	}
	allocator, stop := chromedp.NewExecAllocator(ctx, options...)
	defer stop()
	tab, stop := chromedp.NewContext(allocator)
	defer stop()
	if err := chromedp.Run(tab, network.Enable(), emulation.SetCPUThrottlingRate(slower)); err != nil {
		return nil, err
	}
	for range 2 {
		v, err := visit(tab, address)
		if err != nil {
			return nil, err
		}
		values = append(values, v...)
	}
	return values, chromedp.Cancel(tab)
}

// visit opens a page and waits until nothing more is requested.
func visit(tab context.Context, address string) ([]float64, error) {
	ctx, cancel := context.WithTimeout(tab, time.Minute)
	defer cancel()
	events := make(chan any, 10_000)
	chromedp.ListenTarget(ctx, func(event any) { events <- event })
	var loader cdp.LoaderID
	if err := chromedp.Run(ctx, chromedp.Navigate("about:blank"), chromedp.ActionFunc(func(ctx context.Context) (err error) {
		_, loader, _, _, err = page.Navigate(address).Do(ctx)
		return err
	})); err != nil {
		return nil, err
	}
	requested := map[network.RequestID]bool{}
	var bytes float64
	for idle := false; !idle; {
		select {
		case event := <-events:
			switch e := event.(type) {
			case *network.EventRequestWillBeSent:
				if strings.HasPrefix(e.Request.URL, "http") { // not data:
					requested[e.RequestID] = true
				}
			case *network.EventRequestServedFromCache:
				delete(requested, e.RequestID)
			case *network.EventResponseReceived:
				if e.Response.FromDiskCache {
					delete(requested, e.RequestID)
				}
			case *network.EventLoadingFinished:
				bytes += e.EncodedDataLength
			case *page.EventLifecycleEvent:
				idle = e.Name == "networkIdle" && e.LoaderID == loader
			}
		case <-ctx.Done():
			return nil, fmt.Errorf("%s: %w", address, ctx.Err())
		}
	}
	var took struct{ Painted, Loaded float64 }
	err := chromedp.Run(ctx, chromedp.Evaluate(`({
		Painted: performance.getEntriesByName("first-contentful-paint")[0].startTime,
		Loaded: performance.getEntriesByType("navigation")[0].loadEventEnd,
	})`, &took))
	return []float64{float64(len(requested)), bytes / 1000, took.Painted, took.Loaded}, err
}
