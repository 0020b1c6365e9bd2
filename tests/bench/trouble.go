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

	"github.com/mediawiki-stack/mediawiki-stack/tests/internal/mediawiki"
)

// What readers ask for while something else happens.
const (
	readers   = 200 // requests a second, of strangers, for pages they have in common
	strangers = 200 // at once, for one page that nobody has read
	scrapes   = 50  // requests a second for what nobody else asks for
)

// read are the pages that strangers read.
func (s *site) read() []string { return []string{s.page(mainPage), s.page(article), s.page(picture)} }

// reloading measures the first page that a user sees of web Pods that have just been started, beside those that follow.
func (b *bench) reloading(ctx context.Context) error {
	progress("the first page after a rollout")
	first, warm := measure{Name: "First page after a rollout", Unit: "ms"}, measure{Name: "A page after that", Unit: "ms"}
	for range b.rounds {
		if err := b.ours.roll(ctx, "mediawiki-app"); err != nil {
			return err
		}
		took := make([]float64, 0, 12)
		for range cap(took) {
			once, _, err := b.ours.ask(ctx, b.ours.page(mainPage), b.ours.admin.Cookie())
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

// roll starts the Pods of a Deployment anew, as kubectl rollout restart does, and waits until that is done.
func (s *site) roll(ctx context.Context, name string) error {
	deployments := s.Kube.AppsV1().Deployments(s.Name)
	patch := fmt.Appendf(nil, `{"spec":{"template":{"metadata":{"annotations":{"kubectl.kubernetes.io/restartedAt":%q}}}}}`,
		time.Now().Format(time.RFC3339Nano))
	as := metav1.PatchOptions{FieldManager: "kubectl"}
	if _, err := deployments.Patch(ctx, name, types.StrategicMergePatchType, patch, as); err != nil {
		return err
	}
	return wait.PollUntilContextTimeout(ctx, time.Second/4, 5*time.Minute, true, func(ctx context.Context) (bool, error) {
		d, err := deployments.Get(ctx, name, metav1.GetOptions{})
		if err != nil {
			return false, err
		}
		wanted := *d.Spec.Replicas
		return d.Status.ObservedGeneration == d.Generation && d.Status.UpdatedReplicas == wanted && d.Status.Replicas == wanted &&
			d.Status.AvailableReplicas == wanted, nil
	})
}

// rollout measures readers while web Pods are replaced.
func (b *bench) rollout(ctx context.Context) error {
	progress("readers, and then a rollout under them")
	steady := open(ctx, readers, b.each, b.ours.read()...)
	rolling, stop := context.WithCancelCause(ctx)
	over := errors.New("over")
	go func() {
		if err := b.ours.roll(ctx, "mediawiki-app"); err != nil {
			over = err
		}
		stop(over)
	}()
	meanwhile := open(rolling, readers, 5*time.Minute, b.ours.read()...)
	if cause := context.Cause(rolling); cause == nil || cause.Error() != "over" {
		return fmt.Errorf("rollout: %w", cause)
	}
	b.single("200 readers a second, 95th percentile", "ms", milliseconds(steady.Latencies.P95))
	b.single("during a rollout, 95th percentile", "ms", milliseconds(meanwhile.Latencies.P95))
	b.single("during a rollout, failed", "requests of "+number(float64(meanwhile.Requests)), float64(failed(meanwhile)))
	return nil
}

// scraper measures readers while one client asks for histories and differences.
func (b *bench) scraper(ctx context.Context) error {
	progress("readers, and then a scraper beside them")
	for _, s := range []*site{b.ours} {
		alone := open(ctx, readers, b.each, s.read()...)
		const each = 200
		addresses := make([]string, 0, 2*each)
		page := s.address + "/index.php?title=" + url.QueryEscape(draft)
		for n := range each {
			addresses = append(addresses, fmt.Sprintf("%s&action=history&limit=%d", page, 20+n), fmt.Sprintf("%s&diff=%d", page, n+5))
		}
		var beside sync.WaitGroup
		scraping, stop := context.WithCancel(ctx)
		beside.Go(func() { open(scraping, scrapes, time.Minute, addresses...) })
		with := open(ctx, readers, b.each, s.read()...)
		stop()
		beside.Wait()
		b.single("200 readers a second, alone, 95th percentile", "ms", milliseconds(alone.Latencies.P95))
		b.single("beside a scraper at 50 a second, 95th percentile", "ms", milliseconds(with.Latencies.P95))
		b.single("beside a scraper, readers that failed", "requests of "+number(float64(with.Requests)), float64(failed(with)))
	}
	return nil
}

// stampede measures how often a page is parsed that many strangers ask for at the same moment, and how long the last of them waits.
func (b *bench) stampede(ctx context.Context) error {
	progress("%d strangers at one page of which nothing is kept", strangers)
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
	b.add(&measure{Name: "200 strangers at an uncached page: times it is parsed", Unit: "times", ours: parsed})
	b.add(&measure{Name: "200 strangers at an uncached page: the last is answered", Unit: "ms", ours: last})
	return nil
}

// rush has many ask for one page at once, and returns how many parsings are in the answers.
func rush(ctx context.Context, address string) (parsings int, slowest time.Duration, err error) {
	client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	var all sync.WaitGroup
	var mu sync.Mutex
	reports := map[string]bool{}
	began := time.Now()
	for range strangers {
		all.Go(func() {
			parsing, failed := parsingOf(ctx, client, address)
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

// parsingOf is which parsing a page is of. The page is not kept whole: two hundred of them would count as memory of every process that is
// started later.
func parsingOf(ctx context.Context, client *http.Client, address string) (string, error) {
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
