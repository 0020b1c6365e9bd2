package test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestResticImageSaysWhatItIs(t *testing.T) {
	t.Parallel()
	config := restic.config
	if version := config.env("RESTIC_VERSION"); config.Labels["org.opencontainers.image.version"] != version ||
		!strings.HasPrefix(restic.reference, "localhost/restic:"+config.env("RESTIC_MAJOR_VERSION")+"-debian") {
		t.Errorf("version %q, reference %q, labels %q", version, restic.reference, config.Labels)
	}
	if len(config.Entrypoint) != 1 || config.Entrypoint[0] != "/usr/bin/restic" {
		t.Errorf("entry point %q", config.Entrypoint)
	}
	// What the official image has, and a script in it may call.
	for _, program := range []string{"sh", "timeout", "sed", "sync", "mkfifo", "ssh"} {
		if _, err := os.Lstat(filepath.Join(restic.root, "usr/bin", program)); err != nil {
			t.Error(err)
		}
	}
}

// Under the restricted Pod Security Standard, as any user.
func TestResticKeepsARepository(t *testing.T) {
	t.Parallel()
	repository := directory(t)
	for _, args := range [][]string{{"init"}, {"backup", "/etc/os-release"}, {"check", "--read-data"}} {
		c := start(t, spec{
			image: restic, user: 33, args: args, binds: map[string]string{"/mnt": repository},
			env: []string{"RESTIC_REPOSITORY=/mnt/repository", "RESTIC_PASSWORD=a long enough one", "RESTIC_CACHE_DIR=/tmp"},
		})
		if code := c.wait(); code != 0 {
			t.Fatalf("restic %s: status %d", args[0], code)
		}
	}
}
