package test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestVarnishImageSaysWhatItIs(t *testing.T) {
	t.Parallel()
	config := varnish.config
	if version := config.env("VARNISH_VERSION"); config.Labels["org.opencontainers.image.version"] != version ||
		!strings.HasPrefix(varnish.reference, "localhost/varnish:"+config.env("VARNISH_MAJOR_VERSION")+"-debian") {
		t.Errorf("version %q, reference %q, labels %q", version, varnish.reference, config.Labels)
	}
	// What the official image has, and a script in it may call.
	for _, program := range []string{"bash", "getent", "grep", "sleep", "touch"} {
		if _, err := os.Lstat(filepath.Join(varnish.root, "usr/bin", program)); err != nil {
			t.Error(err)
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
