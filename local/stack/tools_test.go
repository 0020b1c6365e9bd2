package main

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"
)

func TestSecondRunBuildsNothing(t *testing.T) {
	b := newBuilder(t)
	b.expect(t, allPrograms, "build")
	b.expect(t, 0, "build")
}

func TestChangedPinBuildsThatToolAlone(t *testing.T) {
	b := newBuilder(t)
	b.expect(t, allPrograms, "build")
	pins := filepath.Join(b.local, "toolchain", "provider-kubernetes", "go.sum")
	if err := os.WriteFile(pins, []byte("changed"), 0o600); err != nil {
		t.Fatal(err)
	}
	b.expect(t, 1, "build")
}

func TestOnlyTheNamedToolsAreBuilt(t *testing.T) {
	b := newBuilder(t)
	b.expect(t, pulumiPrograms, "build", "pulumi")
	out, built, err := b.builds(t, "build", "nonesuch")
	const tools = "cluster pulumi provider stack ingress metrics-server languages containerd dist wiki lint"
	if err == nil || len(built) > 0 || !strings.Contains(out, "it is one of "+tools) {
		t.Errorf("an unknown tool: %v, built %v\n%s", err, built, out)
	}
}

func TestFailedBuildShowsTheEndOfItsLogAndWhereItIs(t *testing.T) {
	b := newBuilder(t)
	good := b.env
	b.env = append(b.env, "BROKEN=yes")
	out, _, err := b.builds(t, "build", "stack")
	if err == nil {
		t.Fatal("no error")
	}
	for _, want := range []string{"\nline 81\n", "\nline 100\n", "could not build stack", "/mediawiki-stack/tools/stack.log"} {
		if !strings.Contains(out, want) {
			t.Errorf("%q is not in: %s", want, out)
		}
	}
	if strings.Contains(out, "line 80\n") {
		t.Errorf("more than the last lines: %s", out)
	}
	b.env = good
	b.expect(t, 1, "build", "stack")
}

func TestInterruptedBuildLeavesNothing(t *testing.T) {
	b := newBuilder(t)
	good, started := b.env, filepath.Join(t.TempDir(), "started")
	b.env = append(b.env, "SLOW="+started)
	cmd := b.command(t.Context(), "build", "stack")
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	for deadline := time.Now().Add(time.Minute); ; time.Sleep(10 * time.Millisecond) {
		if _, err := os.Stat(started); err == nil {
			break
		}
		if time.Now().After(deadline) {
			t.Fatal("the build does not start")
		}
	}
	if err := cmd.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	if err := cmd.Wait(); err == nil {
		t.Error("no error")
	}
	left, err := filepath.Glob(filepath.Join(b.store, ".building*"))
	if err != nil || len(left) > 0 {
		t.Errorf("left behind: %v %v", left, err)
	}
	b.env = good
	b.expect(t, 1, "build", "stack")
}

func TestPulumiOnThePath(t *testing.T) {
	cases := map[string]struct {
		version  string
		language bool
		built    int
	}{
		"equal":            {version: "v3.259.0", language: true},
		"newer":            {version: "v3.1000.1", language: true},
		"older":            {version: "v3.258.9", language: true, built: pulumiPrograms},
		"older, longer":    {version: "v3.99.0", language: true, built: pulumiPrograms},
		"development":      {version: "v3.259.0-dev.0", language: true, built: pulumiPrograms},
		"garbage":          {version: "Segmentation fault", language: true, built: pulumiPrograms},
		"silent":           {version: "", language: true, built: pulumiPrograms},
		"no language host": {version: "v3.259.0", built: pulumiPrograms},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			b := newBuilder(t)
			b.program(t, b.programs, "pulumi", "#!/bin/sh\necho '"+c.version+"'\n")
			if c.language {
				b.program(t, b.programs, "pulumi-language-go", "#!/bin/sh\n")
			}
			b.expect(t, c.built, "build", "pulumi")
		})
	}
}

func TestUsersPluginOfTheSameReleaseIsUsed(t *testing.T) {
	for release, built := range map[string]int{"v4.25.0": 0, "v4.24.0": 1} {
		b := newBuilder(t)
		home := t.TempDir()
		b.env = append(b.env, "PULUMI_HOME="+home)
		plugin := filepath.Join(home, "plugins", "resource-kubernetes-"+release)
		b.program(t, plugin, "pulumi-resource-kubernetes", "#!/bin/sh\n")
		b.expect(t, built, "build", "provider")
		if err := os.RemoveAll(plugin); err != nil {
			t.Fatal(err)
		}
		b.expect(t, 1-built, "build", "provider")
	}
}

func TestEnvPutsTheToolsFirstAndCanBeRepeated(t *testing.T) {
	b := newBuilder(t)
	b.expect(t, allPrograms, "build")
	cmd := exec.CommandContext(t.Context(), "bash", "-ec",
		`cd "$1"; for i in 1 2; do lines=$(./tools env); eval "$lines"; done; echo "$PATH|$PULUMI_HOME|$GOFLAGS"`, "-", b.local)
	cmd.Env = append(slices.Clone(b.env), "GOFLAGS=-mod=mod")
	out, err := cmd.Output()
	if err != nil {
		t.Fatal(err)
	}
	path, rest, _ := strings.Cut(strings.TrimSpace(string(out)), "|")
	home, flags, _ := strings.Cut(rest, "|")
	folders := strings.Split(path, ":")
	if len(folders) != 6 || folders[3] != b.programs || folders[5] != "/bin" {
		t.Errorf("PATH is %s", path)
	}
	for i, tool := range []string{"cluster-", "pulumi-", "stack-"} {
		if !strings.HasPrefix(filepath.Base(folders[i]), tool) {
			t.Errorf("folder %d of the PATH is %s, not %s…", i, folders[i], tool)
		}
	}
	if info, err := os.Stat(filepath.Join(home, "logs")); err != nil || !info.Mode().IsRegular() {
		t.Errorf("Pulumi can create its folder of logs: %v, %v", info, err)
	}
	if !strings.HasPrefix(filepath.Base(home), "provider-") || flags != "-mod=mod -trimpath" {
		t.Errorf("PULUMI_HOME is %s, GOFLAGS is %s", home, flags)
	}
}

func TestSecondBuildWaitsForTheFirst(t *testing.T) {
	b := newBuilder(t)
	if err := os.MkdirAll(b.store, 0o755); err != nil {
		t.Fatal(err)
	}
	lock, err := os.Create(filepath.Join(b.store, "lock"))
	if err != nil {
		t.Fatal(err)
	}
	if err := syscall.Flock(int(lock.Fd()), syscall.LOCK_EX); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Second)
	defer cancel()
	cmd := b.command(ctx, "build", "stack")
	cmd.WaitDelay = time.Second
	out, err := cmd.CombinedOutput()
	if err == nil || !strings.Contains(string(out), "waiting for another build") {
		t.Errorf("while another builds: %v\n%s", err, out)
	}
	if err := lock.Close(); err != nil {
		t.Fatal(err)
	}
	b.expect(t, 1, "build", "stack")
}
