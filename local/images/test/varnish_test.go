package test

import (
	"net/http"
	"os"
	"path/filepath"
	"testing"
)

func TestVarnishImageHasTheProgramsThatItsScriptsCall(t *testing.T) {
	t.Parallel()
	for _, program := range []string{"bash", "getent", "grep", "sleep", "tail", "timeout", "touch", "varnishstat"} {
		if !varnish.has(program) {
			t.Errorf("no %s", program)
		}
	}
}

// Under the restricted Pod Security Standard, as any user.
func TestVarnishCompilesSettingsThatUseItsModules(t *testing.T) {
	t.Parallel()
	folder := directory(t)
	const vcl = "vcl 4.1; import std; import vsthrottle; backend default none;\n" +
		"sub vcl_recv { if (vsthrottle.is_denied(client.identity, 1, 1s)) { std.log(\"denied\"); } }\n"
	must(t, os.WriteFile(filepath.Join(folder, "test.vcl"), []byte(vcl), 0o644))
	c := start(t, spec{
		image: varnish, user: 1000, binds: map[string]string{"/mnt": folder},
		args: []string{"varnishd", "-j", "none", "-n", "/var/lib/varnish/test", "-C", "-f", "/mnt/test.vcl"},
	})
	if code := c.wait(); code != 0 {
		t.Fatalf("status %d", code)
	}
}

// A proxy that sends a form over a connection that the server is closing must not send it again, and reports 502.
func TestVarnishKeepsNoConnectionOfATrustedProxy(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		proxies []string
		closed  bool
	}{"a reader": {nil, false}, "a trusted proxy": {[]string{"127.0.0.1"}, true}} {
		t.Run(name, func(t *testing.T) {
			pod := readCachePod(t, "pi-2g", c.proxies...)
			_, address := startCache(t, pod, fakeWiki(pod.revision(t)))
			for _, path := range []string{"/wiki/Page_1", "/wiki/Page_1", "/index.php?title=Page_1", "/load.php?modules=1"} {
				request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "http://"+address+path, nil)
				must(t, err)
				response, err := http.DefaultTransport.RoundTrip(request)
				must(t, err)
				must(t, response.Body.Close())
				if response.Close != c.closed {
					t.Errorf("%s: the server closes the connection: %t, want %t", path, response.Close, c.closed)
				}
			}
			response, err := (&http.Client{}).Do(newPurge(t, address))
			must(t, err)
			must(t, response.Body.Close())
			if response.Close != c.closed {
				t.Errorf("an error of Varnish itself: the server closes the connection: %t, want %t", response.Close, c.closed)
			}
		})
	}
}

// newPurge returns a request that Varnish refuses at the port for readers.
func newPurge(t *testing.T, address string) *http.Request {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), "PURGE", "http://"+address+"/wiki/Page_1", nil)
	must(t, err)
	return request
}
