package test

import (
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"
	"time"
)

// MediaWiki answers by the last value of each parameter that it knows. Other parameters must not make further objects.
func TestVarnishCachesLoadPHPByTheParametersThatMediaWikiReads(t *testing.T) {
	t.Parallel()
	queries := map[string][]string{
		"lang=de&modules=a%7Cb&only=styles": {
			"modules=a%7Cb&lang=de&only=styles", "only=styles&lang=de&modules=a%7Cb", "n=1&modules=a%7Cb&lang=de&only=styles&m=2",
			"lang=en&modules=c&lang=fr&modules=a%7Cb&only=styles&lang=de", "&&modules=a%7Cb&&lang=de&only=styles&",
			"modules=a%7Cb&lang=de&only=styles&only2=scripts&xonly=scripts&modules[]=c&n=?only=scripts",
			"only&only=styles&modules=a%7Cb&lang=de",
		},
		"lang=de&modules=a": {"modules=a&lang=de", "lang=de&n&modules=a"},
		"modules=a&raw=":    {"raw&modules=a", "modules=a&raw=false&raw"},
		"":                  {"n=1", "n=2&m"},
	}
	// These queries are as long as MediaWiki makes them: $wgResourceLoaderMaxQueryLength.
	modules := strings.Repeat("skins.minerva.mainMenu.advanced.icons%7C", 49)
	queries["lang=en&modules="+modules+"&only=styles&skin=minerva"] = []string{
		"lang=en&modules=" + modules + "&only=styles&skin=minerva",
		"modules=" + modules + "&lang=en&modules=" + modules + "&skin=minerva&only=styles",
	}
	for _, name := range []string{
		"debug", "dir", "format", "image", "only", "printable", "raw", "safemode", "skin", "sourcemap", "target", "user", "variant",
		"version",
	} {
		for _, value := range []string{"1", "2"} {
			want := url.Values{name: {value}, "modules": {"a"}}.Encode()
			queries[want] = []string{want, fmt.Sprintf("n=%s&%s=0&modules=a&%s=%s", name, name, name, value)}
		}
	}
	pod := readCachePod(t, "pi-2g")
	var fetched atomic.Int64
	_, address := startCache(t, pod, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		fetched.Add(1)
		seen := url.Values{}
		for name, values := range r.URL.Query() {
			seen.Set(name, values[len(values)-1])
		}
		w.Header().Set("X-Revision", pod.revision(t))
		w.Header().Set("Cache-Control", "public, max-age=300, s-maxage=300")
		_, _ = io.WriteString(w, seen.Encode())
	}))
	for want, variants := range queries {
		for _, query := range variants {
			if got := fetch(t, "http://"+address+"/load.php?"+query); got != want {
				t.Errorf("%s is answered as %s, want %s", query, got, want)
			}
		}
	}
	if fetched.Load() != int64(len(queries)) {
		t.Errorf("the wiki was asked %d times, want %d", fetched.Load(), len(queries))
	}
}

// A list of changes may be cached for seconds. Unlike a page, it is not purged for everything that it shows, so it must not be shown later.
func TestVarnishShowsNothingForLongerThanSecondsIfTheWikiSaysSo(t *testing.T) {
	t.Parallel()
	pod := readCachePod(t, "pi-2g")
	var fetched atomic.Int64
	_, address := startCache(t, pod, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("X-Revision", pod.revision(t))
		w.Header().Set("Cache-Control", "s-maxage=1, must-revalidate, max-age=0")
		_, _ = fmt.Fprint(w, fetched.Add(1))
	}))
	list := "http://" + address + "/wiki/Special:RecentChanges"
	for range 3 {
		if got := fetch(t, list); got != "1" {
			t.Errorf("answer %s within the second, want the first", got)
		}
	}
	time.Sleep(1500 * time.Millisecond) // a request before that would renew it
	if got := fetch(t, list); got != "2" {
		t.Errorf("answer %s after the second, want the second one", got)
	}
}

// fetch returns the response of a request that succeeds.
func fetch(t *testing.T, address string) string {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, address, nil)
	must(t, err)
	response, err := (&http.Client{Timeout: patience}).Do(request)
	must(t, err)
	body, err := io.ReadAll(response.Body)
	must(t, err)
	must(t, response.Body.Close())
	if response.StatusCode != http.StatusOK {
		t.Fatalf("%s: %s", address, response.Status)
	}
	return string(body)
}
