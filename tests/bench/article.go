package main

import (
	"bytes"
	"context"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"math/rand/v2"
	"strings"
	"time"

	"k8s.io/apimachinery/pkg/util/wait"
)

// Titles of the measured pages.
const (
	mainPage = "Main Page"
	article  = "Big article"
	picture  = "Picture"
	draft    = "Draft"
)

// writePages creates the same pages in both wikis.
func (b *bench) writePages(ctx context.Context) error {
	for _, s := range []*site{b.recipe, b.ours} {
		progress("writing pages in %s", s.stack)
		if err := s.admin.Upload(ctx, "Soup.png", drawing(0)); err != nil {
			return err
		}
		pages := map[string]string{
			article: bigArticle(), draft: paragraph(newWords(2), 1500),
			picture: "[[File:Soup.png|thumb|320px|Soup]]\n" + paragraph(newWords(3), 300),
		}
		for title, text := range pages {
			if err := s.admin.Edit(ctx, title, text); err != nil {
				return err
			}
		}
		_, size, err := s.fetch(ctx, s.page(article), "")
		if err != nil {
			return err
		}
		if err := s.runAllJobs(ctx); err != nil {
			return err
		}
		progress("%s: the article has %d kB of wikitext and %d kB of HTML", s.stack, len(bigArticle())/1000, size/1000)
	}
	return nil
}

// runAllJobs waits until the job queue is empty. The recipe runs one job per page view, so its jobs are run here.
func (s *site) runAllJobs(ctx context.Context) error {
	return wait.PollUntilContextTimeout(ctx, time.Second, 5*time.Minute, true, func(ctx context.Context) (bool, error) {
		if s.path != prettyPath {
			pod, err := s.webPod(ctx)
			if err != nil {
				return false, err
			}
			if _, err := s.Exec(ctx, pod, "mediawiki-container", "", "php", "maintenance/run.php", "runJobs", "--maxtime=20"); err != nil {
				return false, err
			}
		}
		jobs, err := s.admin.Jobs(ctx)
		return jobs == 0, err
	})
}

// bigArticle returns 185 kB of wikitext, about 620 kB of HTML: sections with paragraphs, links, lists and tables.
func bigArticle() string {
	const size = 185_000
	words := newWords(1)
	var text strings.Builder
	for section := 1; text.Len() < size; section++ {
		fmt.Fprintf(&text, "== Section %d ==\n%s\n\n", section, paragraph(words, 120))
		for range 12 {
			fmt.Fprintf(&text, "* [[%s %s|%s]] and '''%s''' with [https://example.org/%s %s]\n",
				words(), words(), words(), words(), words(), words())
		}
		text.WriteString("{| class=\"wikitable\"\n")
		for range 10 {
			fmt.Fprintf(&text, "|-\n| %s || ''%s'' || [[%s]] || %s || %s\n", words(), words(), words(), words(), words())
		}
		text.WriteString("|}\n")
	}
	return text.String()[:size]
}

func paragraph(words func() string, count int) string {
	var text strings.Builder
	for n := range count {
		if n%15 == 7 {
			fmt.Fprintf(&text, "[[%s]] ", words())
			continue
		}
		text.WriteString(words() + " ")
	}
	return text.String()
}

// newWords returns a generator of random words that are the same in every run.
func newWords(seed uint64) func() string {
	random := rand.New(rand.NewPCG(seed, seed)) //nolint:gosec // not used for secrets
	return func() string {
		word := make([]byte, 3+random.IntN(8))
		for i := range word {
			word[i] = byte('a' + random.IntN(26))
		}
		return string(word)
	}
}

// drawing returns a picture to upload, another one for each number.
func drawing(number int) []byte {
	canvas := image.NewRGBA(image.Rect(0, 0, 800, 600))
	for y := range 600 {
		for x := range 800 {
			canvas.Set(x, y, color.RGBA{R: uint8(x / 4), G: uint8(y / 3), B: uint8((x*y)/2000 + 6*number), A: 255})
		}
	}
	var file bytes.Buffer
	if err := png.Encode(&file, canvas); err != nil {
		panic(err) // encoding into memory never fails
	}
	return file.Bytes()
}
