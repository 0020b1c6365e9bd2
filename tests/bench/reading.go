package main

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/mediawiki-stack/mediawiki-stack/internal/mediawiki"
)

// pages measures pages per second for anonymous readers.
func (b *bench) pages(ctx context.Context) error {
	floor, compressed, err := b.floors(ctx)
	if err != nil {
		return err
	}
	plain := measure{Name: article + ", anonymous, not compressed", Unit: "requests/s", More: true, Floor: floor}
	if err := b.inTurn(&plain, b.anonymousReads(ctx, article, plainly())); err != nil {
		return err
	}
	for _, title := range []string{article, mainPage, picture} {
		m := measure{Name: title + ", anonymous", Unit: "requests/s", More: true}
		if title == article {
			m.Floor = compressed
		}
		if err := b.inTurn(&m, b.anonymousReads(ctx, title, asBrowsers())); err != nil {
			return err
		}
	}
	return nil
}

// lists measures a special page for anonymous readers.
func (b *bench) lists(ctx context.Context) error {
	const title = "Special:RecentChanges"
	m := measure{Name: title + ", anonymous", Unit: "requests/s", More: true}
	return b.inTurn(&m, b.anonymousReads(ctx, title, asBrowsers()))
}

// users measures how long a user waits for a page.
func (b *bench) users(ctx context.Context) error {
	for _, title := range []string{article, mainPage} {
		middle := measure{Name: title + ", user, median", Unit: "ms"}
		slow := measure{Name: title + ", user, 95th percentile", Unit: "ms"}
		for range b.rounds {
			for _, s := range []*site{b.recipe, b.ours} {
				header := asBrowsers()
				header.Set("Cookie", s.admin.Cookie())
				answers, err := b.closed(ctx, s.page(title), header)
				if err != nil {
					return err
				}
				b.round(&middle, s, milliseconds(answers.Latencies.P50))
				b.round(&slow, s, milliseconds(answers.Latencies.P95))
			}
		}
		b.add(&middle)
		b.add(&slow)
	}
	return nil
}

// anonymousReads measures requests per second without a session.
func (b *bench) anonymousReads(ctx context.Context, title string, header http.Header) func(s *site) (float64, error) {
	return func(s *site) (float64, error) {
		answers, err := b.closed(ctx, s.page(title), header)
		if err != nil {
			return 0, err
		}
		return answers.Throughput, nil
	}
}

// inTurn measures both stacks in each round, so that a disturbance of the machine affects both.
func (b *bench) inTurn(m *measure, once func(s *site) (float64, error)) error {
	progress("%s", m.Name)
	for range b.rounds {
		for _, s := range []*site{b.recipe, b.ours} {
			value, err := once(s)
			if err != nil {
				return fmt.Errorf("%s: %w", m.Name, err)
			}
			b.round(m, s, value)
		}
	}
	b.add(m)
	return nil
}

// round records a value of one of the two sites.
func (b *bench) round(m *measure, s *site, value float64) {
	if s == b.recipe {
		m.recipe = append(m.recipe, value)
	} else {
		m.ours = append(m.ours, value)
	}
}

// floors measures how fast the recipe's Apache sends the article as a file: plain and compressed.
func (b *bench) floors(ctx context.Context) (plain, compressed *spread, err error) {
	pod, err := b.recipe.webPod(ctx)
	if err != nil {
		return nil, nil, err
	}
	const script = `curl -sS --output /var/www/html/floor.html --header "Host: $1" "http://127.0.0.1/index.php/$2" &&
		gzip --keep --force /var/www/html/floor.html`
	_, err = b.recipe.Exec(ctx, pod, "mediawiki-container", "", "sh", "-c", script, "floor",
		strings.TrimPrefix(b.recipe.address, "http://"), strings.ReplaceAll(article, " ", "_"))
	if err != nil {
		return nil, nil, err
	}
	if plain, err = b.floor(ctx, "/floor.html"); err != nil {
		return nil, nil, err
	}
	compressed, err = b.floor(ctx, "/floor.html.gz")
	return plain, compressed, err
}

// floor measures how fast the recipe's Apache sends a file.
func (b *bench) floor(ctx context.Context, path string) (*spread, error) {
	progress("the floor: a file")
	rounds := make([]float64, b.rounds)
	for i := range rounds {
		answers, err := b.closed(ctx, b.recipe.address+path, plainly())
		if err != nil {
			return nil, err
		}
		rounds[i] = answers.Throughput
	}
	floor := series(rounds)
	return &floor, nil
}

// saving measures how long a user waits until an edit of 10 kB is saved.
func (b *bench) saving(ctx context.Context) error {
	// The default stack's Pods have just been restarted. Their first saves compile PHP, so they are counted separately.
	const first, edits = 10, 20
	middle, slow := measure{Name: "Save, median", Unit: "ms"}, measure{Name: "Save, 95th percentile", Unit: "ms"}
	refused := measure{Name: "Saves refused, and tried again", Unit: "of 30"}
	progress("saving")
	text := paragraph(newWords(4), 1500)
	for round := range b.rounds {
		for _, s := range []*site{b.recipe, b.ours} {
			took := make([]float64, first+edits)
			tries := 0
			for i := range took {
				began := time.Now()
				tried, err := s.save(ctx, draft, fmt.Sprintf("%s\n\nEdit %d of round %d at %s.", text, i, round, began))
				if err != nil {
					return err
				}
				tries += tried
				took[i] = milliseconds(time.Since(began))
			}
			b.round(&refused, s, float64(tries-len(took)))
			early, took := took[:first], took[first:]
			if slices.Sort(early); round == 0 && s == b.ours {
				b.single("The first ten saves after a rollout, median", "ms", early[first/2])
			}
			slices.Sort(took)
			b.round(&middle, s, took[edits/2])
			b.round(&slow, s, took[edits*95/100])
		}
	}
	b.add(&middle)
	b.add(&slow)
	b.add(&refused)
	return nil
}

// save edits a page until the edit is accepted, and returns the number of attempts. The recipe's MariaDB rejects some edits that closely
// follow others: "Record has changed since last read".
func (s *site) save(ctx context.Context, title, text string) (tries int, err error) {
	for tries = 1; tries < 10; tries++ {
		var refused *mediawiki.Error
		if err = s.admin.Edit(ctx, title, text); !errors.As(err, &refused) {
			break
		}
	}
	return tries, err
}

func milliseconds(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }
