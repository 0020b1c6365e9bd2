package test

import (
	"os"
	"path/filepath"
	"testing"
)

func TestVarnishImageHasWhatScriptsInItCall(t *testing.T) {
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
