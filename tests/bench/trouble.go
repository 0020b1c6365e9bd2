package main

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"sync"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/apimachinery/pkg/util/wait"

	"github.com/mediawiki-stack/mediawiki-stack/internal/mediawiki"
)

// The load while something else happens.
const (
	readers = 200 // anonymous requests a second for a few pages
	crowd   = 200 // simultaneous requests for one uncached page
	scrapes = 50  // requests a second for distinct pages
)

// popular returns the addresses of the pages that anonymous readers request.
func (s *site) popular() []string {
	return []string{s.page(mainPage), s.page(article), s.page(picture)}
}

// reloading measures a user's first page from new web Pods, and the pages after that.
func (b *bench) reloading(ctx context.Context) error {
	progress("the first page after a rollout")
	first, warm := measure{Name: "First page after a rollout", Unit: "ms"}, measure{Name: "A page after that", Unit: "ms"}
	for range b.rounds {
		if err := b.ours.roll(ctx, "mediawiki-app"); err != nil {
			return err
		}
		took := make([]float64, 0, 12)
		for range cap(took) {
			once, _, err := b.ours.fetch(ctx, b.ours.page(mainPage), b.ours.admin.Cookie())
			if err != nil {
				return err
			}
			took = append(took, milliseconds(once))
		}
		b.round(&first, b.ours, took[0])
		b.round(&warm, b.ours, series(took[1:]).Median)
	}
	b.add(&first)
	b.add(&warm)
	return nil
}

// roll restarts a Deployment, like `kubectl rollout restart`, and waits until the rollout is complete.
func (s *site) roll(ctx context.Context, name string) error {
	deployments := s.Kube.AppsV1().Deployments(s.Name)
	patch := fmt.Appendf(nil, `{"spec":{"template":{"metadata":{"annotations":{"kubectl.kubernetes.io/restartedAt":%q}}}}}`,
		time.Now().Format(time.RFC3339Nano))
	options := metav1.PatchOptions{FieldManager: "kubectl"}
	if _, err := deployments.Patch(ctx, name, types.StrategicMergePatchType, patch, options); err != nil {
		return err
	}
	return wait.PollUntilContextTimeout(ctx, time.Second/4, 5*time.Minute, true, func(ctx context.Context) (bool, error) {
		d, err := deployments.Get(ctx, name, metav1.GetOptions{})
		if err != nil {
			return false, err
		}
		want := *d.Spec.Replicas
		return d.Status.ObservedGeneration == d.Generation && d.Status.UpdatedReplicas == want && d.Status.Replicas == want &&
			d.Status.AvailableReplicas == want, nil
	})
}

// rollout measures readers during a rollout of web Pods.
func (b *bench) rollout(ctx context.Context) error {
	progress("readers, and readers during a rollout")
	steady := open(ctx, readers, b.each, b.ours.popular()...)
	rolling, stop := context.WithCancelCause(ctx)
	result := errors.New("done")
	go func() {
		if err := b.ours.roll(ctx, "mediawiki-app"); err != nil {
			result = err
		}
		stop(result)
	}()
	meanwhile := open(rolling, readers, 5*time.Minute, b.ours.popular()...)
	if cause := context.Cause(rolling); cause == nil || cause.Error() != "done" {
		return fmt.Errorf("rollout: %w", cause)
	}
	b.single("200 readers a second, 95th percentile", "ms", milliseconds(steady.Latencies.P95))
	b.single("during a rollout, 95th percentile", "ms", milliseconds(meanwhile.Latencies.P95))
	b.single("during a rollout, failed", "requests of "+number(float64(meanwhile.Requests)), float64(failed(meanwhile)))
	return nil
}

// scraper measures readers while one client requests histories and diffs.
func (b *bench) scraper(ctx context.Context) error {
	progress("readers, and readers beside a scraper")
	s := b.ours
	alone := open(ctx, readers, b.each, s.popular()...)
	const each = 200
	addresses := make([]string, 0, 2*each)
	page := s.address + "/index.php?title=" + url.QueryEscape(draft)
	for n := range each {
		addresses = append(addresses, fmt.Sprintf("%s&action=history&limit=%d", page, 20+n), fmt.Sprintf("%s&diff=%d", page, n+5))
	}
	var beside sync.WaitGroup
	scraping, stop := context.WithCancel(ctx)
	beside.Go(func() { open(scraping, scrapes, time.Minute, addresses...) })
	with := open(ctx, readers, b.each, s.popular()...)
	stop()
	beside.Wait()
	b.single("200 readers a second, alone, 95th percentile", "ms", milliseconds(alone.Latencies.P95))
	b.single("beside a scraper at 50 a second, 95th percentile", "ms", milliseconds(with.Latencies.P95))
	b.single("beside a scraper, readers that failed", "requests of "+number(float64(with.Requests)), float64(failed(with)))
	return nil
}

// stampede measures how often a page is parsed when many anonymous readers request it at once, and how long the last of them waits.
func (b *bench) stampede(ctx context.Context) error {
	progress("%d anonymous readers at one uncached page", crowd)
	var parsed, last []float64
	for round := range b.rounds {
		title := fmt.Sprintf("Stampede %d %d", time.Now().Unix(), round)
		if err := b.ours.admin.Edit(ctx, title, bigArticle()+title); err != nil {
			return err
		}
		mediawiki.AwaitNextSecond()
		if err := b.ours.admin.Purge(ctx, title); err != nil {
			return err
		}
		parsings, slowest, err := rush(ctx, b.ours.page(title))
		if err != nil {
			return err
		}
		parsed, last = append(parsed, float64(parsings)), append(last, milliseconds(slowest))
	}
	b.add(&measure{Name: "200 anonymous readers at an uncached page: times it is parsed", Unit: "times", ours: parsed})
	b.add(&measure{Name: "200 anonymous readers at an uncached page: the last is answered", Unit: "ms", ours: last})
	return nil
}

// rush sends many requests for one page at once, and returns the number of distinct parses.
func rush(ctx context.Context, address string) (parsings int, slowest time.Duration, err error) {
	client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	var all sync.WaitGroup
	var mu sync.Mutex
	reports := map[string]bool{}
	began := time.Now()
	for range crowd {
		all.Go(func() {
			parsing, failed := parseReport(ctx, client, address)
			took := time.Since(began)
			mu.Lock()
			defer mu.Unlock()
			if failed != nil {
				err = failed
				return
			}
			reports[parsing] = true
			slowest = max(slowest, took)
		})
	}
	all.Wait()
	return len(reports), slowest, err
}

// parseReport returns the parser report of a page. It does not hold the whole page in memory: two hundred of them would count as memory of
// every process started later.
func parseReport(ctx context.Context, client *http.Client, address string) (string, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, address, http.NoBody)
	if err != nil {
		return "", err
	}
	response, err := client.Do(request)
	if err != nil {
		return "", err
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK {
		return "", fmt.Errorf("%s: status %d", address, response.StatusCode)
	}
	return mediawiki.ParseReport(response.Body)
}
