package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"syscall"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/mediawiki-stack/mediawiki-stack/tests/internal/kube"
)

// Numbers of page views and edits whose disk writes are measured.
const (
	viewed = 1000 // by a user and by anonymous readers in turn
	edited = 100
)

// resting is the duration of a measurement without readers.
const resting = time.Minute

// emptyCluster measures an idle cluster before and after it deploys the recipe.
func (b *bench) emptyCluster(ctx context.Context) error {
	b.changes = measure{Name: "Changes in the API server, nobody reads", Unit: "per hour", FloorIs: "an empty cluster"}
	empty, err := changes(ctx)
	if err != nil {
		return err
	}
	b.changes.Floor = &spread{Median: empty, Least: empty, Most: empty}
	if b.recipe, err = deployRecipe(ctx); err != nil {
		return fmt.Errorf("recipe: %w", err)
	}
	with, err := changes(ctx)
	b.round(&b.changes, b.recipe, with-empty)
	return err
}

// idle measures the same after both stacks are deployed.
func (b *bench) idle(ctx context.Context) error {
	both, err := changes(ctx)
	b.round(&b.changes, b.ours, both-b.changes.Floor.Median-b.changes.recipe[0])
	b.add(&b.changes)
	return err
}

// changes returns the rate of requests that change something in the API server, per hour.
func changes(ctx context.Context) (float64, error) {
	progress("writes of an idle cluster, for %s", resting)
	before, err := changing(ctx)
	if err != nil {
		return 0, err
	}
	select {
	case <-time.After(resting):
	case <-ctx.Done():
		return 0, ctx.Err()
	}
	after, err := changing(ctx)
	return (after - before) * float64(time.Hour/resting), err
}

// changingRequests matches the API server's counters: https://kubernetes.io/docs/reference/instrumentation/metrics/
var changingRequests = regexp.MustCompile(
	`(?m)^apiserver_request_total\{.*verb="(?:APPLY|DELETE|DELETECOLLECTION|PATCH|POST|PUT)".*\} (\S+)`)

func changing(ctx context.Context) (float64, error) {
	cluster, err := kube.Connect(metav1.NamespaceDefault)
	if err != nil {
		return 0, err
	}
	text, err := cluster.Kube.CoreV1().RESTClient().Get().AbsPath("/metrics").DoRaw(ctx)
	if err != nil {
		return 0, err
	}
	var sum float64
	for _, found := range changingRequests.FindAllSubmatch(text, -1) {
		value, err := strconv.ParseFloat(string(found[1]), 64)
		if err != nil {
			return 0, err
		}
		sum += value
	}
	return sum, nil
}

// writing measures what is written to the disk, by all programs of the machine.
func (b *bench) writing(ctx context.Context) error {
	progress("bytes written")
	disk, err := clusterDisk()
	if err != nil {
		return err
	}
	text := paragraph(newWords(5), 1500)
	views := measure{Name: "Written to the disk by 1,000 views", Unit: "MiB"}
	edits := measure{Name: "Written to the disk by 100 edits", Unit: "MiB"}
	for range b.rounds {
		for _, s := range []*site{b.recipe, b.ours} {
			written, err := disk.during(func() error { return s.view(ctx) })
			if err != nil {
				return err
			}
			b.round(&views, s, written)
			written, err = disk.during(func() error {
				for i := range edited {
					if _, err := s.save(ctx, fmt.Sprintf("Written %d", i), fmt.Sprintf("%s\n\n%s", text, time.Now())); err != nil {
						return err
					}
				}
				return nil
			})
			if err != nil {
				return err
			}
			b.round(&edits, s, written)
		}
	}
	b.add(&views)
	b.add(&edits)
	return nil
}

// view reads the main page, in turn as a user and as an anonymous reader.
func (s *site) view(ctx context.Context) error {
	for n := range viewed {
		cookie := ""
		if n%2 == 0 {
			cookie = s.admin.Cookie()
		}
		if _, _, err := s.fetch(ctx, s.page(mainPage), cookie); err != nil {
			return err
		}
	}
	return nil
}

// disk is the path of a block device's statistics: https://docs.kernel.org/block/stat.html
type disk string

// clusterDisk returns the disk with the cluster's data, which is in the folder of its kubeconfig.
func clusterDisk() (disk, error) {
	var stat syscall.Stat_t
	if err := syscall.Stat(filepath.Dir(os.Getenv("KUBECONFIG")), &stat); err != nil {
		return "", err
	}
	return disk(fmt.Sprintf("/sys/dev/block/%d:%d/stat", stat.Dev>>8&0xfff, stat.Dev&0xff|stat.Dev>>12&0xfff00)), nil
}

// during returns how many MiB are written while a function runs and until they are synced to the disk.
func (d disk) during(do func() error) (float64, error) {
	before, err := d.written()
	if err != nil {
		return 0, err
	}
	if err := do(); err != nil {
		return 0, err
	}
	after, err := d.written()
	return after - before, err
}

func (d disk) written() (float64, error) {
	syscall.Sync()
	text, err := os.ReadFile(string(d))
	if err != nil {
		return 0, err
	}
	const sector, sectorsWritten = 512, 6 // bytes, and the field's index
	fields := strings.Fields(string(text))
	if len(fields) <= sectorsWritten {
		return 0, fmt.Errorf("%s: %q", d, text)
	}
	sectors, err := strconv.ParseFloat(fields[sectorsWritten], 64)
	return sectors * sector / (1 << 20), err
}
