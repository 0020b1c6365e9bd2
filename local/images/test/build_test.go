package test

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

// buildIn prepares the build command with a cache of its own.
func buildIn(ctx context.Context, cache string, args ...string) *exec.Cmd {
	command := exec.CommandContext(ctx, "../build", args...)
	command.Env = append(os.Environ(), "XDG_CACHE_HOME="+cache)
	return command
}

func TestBuildThatIsInterruptedLeavesNothing(t *testing.T) {
	t.Parallel()
	cache := directory(t)
	build := buildIn(t.Context(), cache, "mariadb")
	var said output
	build.Stderr = &said
	must(t, build.Start())
	ended := make(chan error, 1)
	go func() { ended <- build.Wait() }()

	// Packages are being unpacked into a mounted file system: as much as there is to leave behind.
	unpacking := filepath.Join(cache, "mediawiki-stack/images/work.*/debian/storage/overlay*/*/*/usr/bin")
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for begun := false; !begun; {
		select {
		case <-tick.C:
			found, err := filepath.Glob(unpacking)
			must(t, err)
			begun = len(found) > 0
		case err := <-ended:
			t.Fatalf("the build ended before it unpacked anything: %v\n%s", err, said.String())
		}
	}
	must(t, build.Process.Signal(syscall.SIGTERM))
	if err := <-ended; err == nil {
		t.Error("an interrupted build succeeds")
	}

	left, err := filepath.Glob(filepath.Join(cache, "mediawiki-stack/images/*"))
	must(t, err)
	if len(left) != 1 || filepath.Base(left[0]) != "lock" {
		t.Errorf("left behind: %v", left)
	}
	mounts, err := os.ReadFile("/proc/self/mountinfo")
	must(t, err)
	if strings.Contains(string(mounts), cache) {
		t.Error("something is still mounted")
	}
	commands, err := filepath.Glob("/proc/[0-9]*/cmdline")
	must(t, err)
	for _, path := range commands {
		// A process may have ended since it was listed.
		if command, err := os.ReadFile(path); err == nil && strings.Contains(string(command), cache) {
			t.Errorf("still running: %q", command)
		}
	}
}

func TestBuildThatIsRepeatedBuildsNothing(t *testing.T) {
	t.Parallel()
	build := exec.CommandContext(t.Context(), "../build", "--release", *release)
	var said output
	build.Stderr = &said
	directory, err := build.Output()
	must(t, err)
	if said.String() != "" {
		t.Errorf("it reports work: %s", said.String())
	}
	for _, name := range []string{"mariadb.tar", "mediawiki.tar"} {
		if _, err := os.Stat(filepath.Join(strings.TrimSpace(string(directory)), name)); err != nil {
			t.Error(err)
		}
	}
}

func TestBuildOfAnUnknownImageIsRefusedInOneLine(t *testing.T) {
	t.Parallel()
	said, err := buildIn(t.Context(), directory(t), "postgres").CombinedOutput()
	const want = "images: no image postgres: it is one of mariadb mediawiki memcached restic varnish (see --help)\n"
	if err == nil || string(said) != want {
		t.Errorf("got %q and %v, want %q and a failure", said, err, want)
	}
}
