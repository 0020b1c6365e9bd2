package test

import (
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// A container is killed when it exceeds its memory limit. Anonymous readers cannot make Varnish do so, whichever malloc the image has: the
// official one for arm64 has glibc's. The smallest profile has the least memory to spare; SOAK=1 tests all of them.
func TestAnonymousReadersCannotMakeVarnishExceedItsLimit(t *testing.T) {
	if testing.Short() {
		t.Skip("make test-all runs it")
	}
	profiles := []string{"pi-2g"}
	if os.Getenv("SOAK") != "" {
		profiles = append(profiles, "pi-4g", "pi-8g", "small", "large")
	}
	for _, profile := range profiles {
		pod := readCachePod(t, profile)
		for malloc, env := range map[string][]string{"the image's malloc": nil, "glibc's malloc": {"LD_PRELOAD=libc.so.6"}} {
			t.Run(profile+" with "+malloc, func(t *testing.T) {
				if len(profiles) == 1 {
					t.Parallel()
				}
				fillsItsStorages(t, pod, env...)
			})
		}
	}
}

func fillsItsStorages(t *testing.T, pod cachePod, env ...string) {
	t.Helper()
	c, address := startCache(t, pod, fakeWiki(pod.revision(t)), env...)
	pages, generations := pod.store(t, "pages")<<20, pod.store(t, "generations")<<20
	load := readers{c: c, address: address}
	// The smallest objects take as much memory beyond their storage as in it.
	load.read("/load.php?modules=%d", 0, pages/600)
	load.read("/wiki/Missing_%d", 0, generations/200)
	// Larger ones follow, in heaps that are fragmented.
	load.read("/wiki/Page_%d", 0, pages/10_000)
	load.read("/wiki/Large_%d", 0, 2*pages/1_000_000)
	load.read("/load.php?modules=%d", pages, pages/1200)
	if load.failed.Load() > 0 {
		t.Errorf("%d of %d responses are incomplete while a storage is full", load.failed.Load(), load.sent.Load())
	}
	load.stall("/wiki/Large_1", 500)
	load.stall("/index.php?title=Large_%d", 500)
	load.read("/wiki/Page_%d", pages, 100)
	t.Logf("%d requests; at most %d of %s", load.sent.Load(), c.peak()>>20, pod.Pod.Containers[0].Resources.Limits.Memory)
}

// fakeWiki answers as MediaWiki would, with bodies that cannot be compressed.
func fakeWiki(revision string) http.Handler {
	body := make([]byte, 1_000_000)
	for i := range body {
		body[i] = byte(i * i >> 7)
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		number, _ := strconv.Atoi(r.URL.Path[strings.LastIndexAny(r.URL.Path, "_")+1:])
		size, kept := 100, "s-maxage=3600, must-revalidate, max-age=0"
		switch {
		case strings.Contains(r.URL.String(), "Large_"):
			size = len(body)
		case strings.Contains(r.URL.Path, "Page_"):
			size = 2000 + number*7919%24000
		case strings.Contains(r.URL.Path, "Missing_"):
			size, kept = 6000, "private, must-revalidate, max-age=0"
		}
		w.Header().Set("X-Revision", revision)
		w.Header().Set("Cache-Control", kept)
		w.Header().Set("Vary", "Accept-Encoding, Cookie")
		if kept[0] == 'p' {
			w.WriteHeader(http.StatusNotFound)
		}
		_, _ = w.Write(body[:size]) // a reader may have gone
	})
}

// readers are anonymous readers of a cache.
type readers struct {
	c            *container
	address      string
	sent, failed atomic.Int64
}

// read requests count pages, from a number on.
func (r *readers) read(path string, from, count int) {
	var next atomic.Int64
	var all sync.WaitGroup
	client := &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: 16}, Timeout: patience}
	for range 16 {
		all.Go(func() {
			for n := next.Add(1); n <= int64(count) && r.c.running(); n = next.Add(1) {
				r.sent.Add(1)
				if r.get(client, fmt.Sprintf(path, int64(from)+n)) != nil {
					r.failed.Add(1)
				}
			}
		})
	}
	all.Wait()
	if !r.c.running() {
		r.c.t.Fatalf("%s: Varnish has ended with status %d", path, r.c.wait())
	}
}

// get requests a page and reads the response to its end. A server error is an error.
func (r *readers) get(client *http.Client, path string) error {
	request, err := http.NewRequestWithContext(r.c.t.Context(), http.MethodGet, "http://"+r.address+path, nil)
	if err != nil {
		return err
	}
	answer, err := client.Do(request)
	if err != nil {
		return err
	}
	defer answer.Body.Close()
	if _, err := io.Copy(io.Discard, answer.Body); err != nil {
		return err
	}
	if answer.StatusCode >= http.StatusInternalServerError {
		return errors.New(answer.Status)
	}
	return nil
}

// stall requests pages on many connections at once, and reads no response until Varnish's memory has stopped growing.
func (r *readers) stall(path string, connections int) {
	open := make([]net.Conn, 0, connections)
	for n := range connections {
		connection, err := new(net.Dialer).DialContext(r.c.t.Context(), "tcp", r.address)
		must(r.c.t, err)
		open = append(open, connection)
		target := path
		if strings.Contains(path, "%d") {
			target = fmt.Sprintf(path, n)
		}
		_, err = fmt.Fprintf(connection, "GET %s HTTP/1.1\r\nHost: wiki\r\n\r\n", target)
		must(r.c.t, err)
	}
	settled := 0
	for before := int64(0); settled < 10; time.Sleep(200 * time.Millisecond) { // until it takes no more
		if now := r.c.peak(); now > before {
			before, settled = now, 0
		} else {
			settled++
		}
	}
	for _, connection := range open {
		_ = connection.Close() // Varnish may have closed it before
	}
}

// peak returns the most memory that the container's processes have had, in bytes.
func (c *container) peak() (bytes int64) {
	c.t.Helper()
	children, err := os.ReadFile(fmt.Sprintf("/proc/%d/task/%d/children", c.pid, c.pid))
	must(c.t, err)
	for _, pid := range append(strings.Fields(string(children)), strconv.Itoa(c.pid)) {
		status, err := os.ReadFile(filepath.Join("/proc", pid, "status"))
		if err != nil {
			continue // it has just ended
		}
		for line := range strings.Lines(string(status)) {
			var kilobytes int64
			if _, err := fmt.Sscanf(line, "VmHWM: %d kB", &kilobytes); err == nil {
				bytes += kilobytes << 10
			}
		}
	}
	return bytes
}
