package main

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// standIn is a go command that records in $CALLS what it is asked to build, and writes empty programs.
const standIn = `#!/bin/sh
case $1 in
env) echo go1.26 ;;
mod) printf '{\n\t"Dir": "/module",\n}\n' ;;
build)
	echo "$*" >>"$CALLS"
	while [ $# -gt 0 ]; do [ "$1" = -o ] && out=$2; shift; done
	case $out in */) out=${out}program ;; esac
	[ -z "$SLOW" ] || { echo half >"$out"; touch "$SLOW"; sleep 60; }
	[ -z "$BROKEN" ] || { seq -f 'line %g' 100; exit 1; }
	echo '#!/bin/sh' >"$out"; chmod +x "$out" ;;
esac
`

// builder runs a copy of local/tools, with a stand-in for the go command and a cache of its own.
type builder struct {
	local, programs, calls, store string
	env                           []string
}

func newBuilder(t *testing.T) *builder {
	t.Helper()
	dir := t.TempDir()
	b := &builder{
		local: filepath.Join(dir, "checkout", "local"), programs: filepath.Join(dir, "programs"), calls: filepath.Join(dir, "calls"),
		store: filepath.Join(dir, "cache", "mediawiki-stack", "tools"),
	}
	for _, folder := range []string{b.local, b.programs} {
		if err := os.MkdirAll(folder, 0o755); err != nil {
			t.Fatal(err)
		}
	}
	for _, name := range []string{"tools", "env", "toolchain", "stack", "cluster"} {
		if out, err := exec.CommandContext(t.Context(), "cp", "-r", "../"+name, b.local).CombinedOutput(); err != nil {
			t.Fatalf("%v: %s", err, out)
		}
	}
	b.program(t, b.programs, "go", standIn)
	b.env = []string{
		"PATH=" + b.programs + ":/usr/bin:/bin", "HOME=" + dir, "XDG_CACHE_HOME=" + dir + "/cache", "CALLS=" + b.calls,
	}
	return b
}

func (b *builder) program(t *testing.T, folder, name, script string) {
	t.Helper()
	if err := os.MkdirAll(folder, 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(folder, name), []byte(script), 0o755); err != nil {
		t.Fatal(err)
	}
}

func (b *builder) command(ctx context.Context, args ...string) *exec.Cmd {
	cmd := exec.CommandContext(ctx, filepath.Join(b.local, "tools"), args...)
	cmd.Env = b.env
	return cmd
}

// builds runs local/tools and returns what it printed, and what it built.
func (b *builder) builds(t *testing.T, args ...string) (printed string, built []string, err error) {
	t.Helper()
	if err := os.WriteFile(b.calls, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	out, err := b.command(t.Context(), args...).CombinedOutput()
	calls, readErr := os.ReadFile(b.calls)
	if readErr != nil {
		t.Fatal(readErr)
	}
	return string(out), strings.FieldsFunc(string(calls), func(r rune) bool { return r == '\n' }), err
}

// expect fails the test unless local/tools builds as many programs as wanted.
func (b *builder) expect(t *testing.T, want int, args ...string) {
	t.Helper()
	if out, built, err := b.builds(t, args...); err != nil || len(built) != want {
		t.Errorf("tools %v built %d programs (%v), not %d: %v\n%s", args, len(built), err, want, built, out)
	}
}

const (
	allPrograms    = 6 // cluster with pause, coredns, pulumi, its language host, the provider, mediawiki-stack
	pulumiPrograms = 2
)
