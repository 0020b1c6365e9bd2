package test

import (
	"bufio"
	"context"
	"errors"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
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

	// Packages are being unpacked into a mounted file system, so there is much that could be left behind.
	unpacking := filepath.Join(cache, "mediawiki-stack/images/work-*/debian/storage/overlay*/*/*/usr/bin")
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
	if len(left) != 1 || filepath.Base(left[0]) != "lock-"+runtime.GOARCH {
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

func TestBuildDoesNotWaitForOneOfAnotherArchitecture(t *testing.T) {
	t.Parallel()
	cache, programs := directory(t), directory(t)
	// This script runs in place of unshare, which would assemble an image. The image for riscv64 is complete when there is a file "go".
	const unshare = "#!/bin/sh\n[ \"$9\" != riscv64 ] || until [ -e \"${0%/*}/go\" ]; do sleep 0.02; done\n: >\"${11}\"\n"
	must(t, os.WriteFile(filepath.Join(programs, "unshare"), []byte(unshare), 0o755))
	start := func(architecture string) (build *exec.Cmd, said *bufio.Reader) {
		build = buildIn(t.Context(), cache, "--architecture", architecture, "memcached")
		build.Env = append(build.Env, "PATH="+programs+":"+os.Getenv("PATH"))
		stderr, err := build.StderrPipe()
		must(t, err)
		must(t, build.Start())
		said = bufio.NewReader(stderr)
		if line, err := said.ReadString('\n'); !strings.Contains(line, "building") {
			t.Errorf("the build for %s says %q (%v) instead of beginning", architecture, line, err)
		}
		return build, said
	}
	ends := func(build *exec.Cmd, said io.Reader) {
		rest, err := io.ReadAll(said)
		if err = errors.Join(err, build.Wait()); err != nil {
			t.Errorf("%s: %v: %s", build, err, rest)
		}
	}
	emulated, emulatedSaid := start("riscv64")
	other, otherSaid := start(runtime.GOARCH)
	complete := func() { must(t, os.WriteFile(filepath.Join(programs, "go"), nil, 0o644)) }
	if t.Failed() {
		complete()
	}
	ends(other, otherSaid)
	complete()
	ends(emulated, emulatedSaid)
}

func TestBuildOfAnUnknownImageIsRefusedInOneLine(t *testing.T) {
	t.Parallel()
	said, err := buildIn(t.Context(), directory(t), "postgres").CombinedOutput()
	const want = "images: no image postgres: it is one of mariadb mediawiki memcached restic varnish (see --help)\n"
	if err == nil || string(said) != want {
		t.Errorf("got %q and %v, want %q and a failure", said, err, want)
	}
}

// The emulator would take all memory of this machine.
func TestBuildOfMariaDBWithAnOldEmulatorIsRefused(t *testing.T) {
	t.Parallel()
	programs := directory(t)
	for name, text := range map[string]string{"dpkg": "echo amd64", "qemu-aarch64-static": "echo 'qemu-aarch64 version 7.2.22 (Debian)'"} {
		must(t, os.WriteFile(filepath.Join(programs, name), []byte("#!/bin/sh\n"+text+"\n"), 0o755))
	}
	build := buildIn(t.Context(), directory(t), "--architecture", "arm64")
	build.Env = append(build.Env, "PATH="+programs+":"+os.Getenv("PATH"))
	said, err := build.CombinedOutput()
	const want = "images: mariadb cannot be built with QEMU 7: install QEMU 8 or newer, such as Debian 13's\n"
	if err == nil || string(said) != want {
		t.Errorf("got %q and %v, want %q and a failure", said, err, want)
	}
}
