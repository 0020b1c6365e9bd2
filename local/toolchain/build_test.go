package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

func TestSecondRunBuildsNothing(t *testing.T) {
	tools := pulumiTools()
	b := newBuilder(t, tools)
	for run, want := range []int{len(tools), 0} {
		built, err := b.ready(t.Context(), tools)
		if err != nil || built != want {
			t.Fatalf("run %d built %d tools (%v), want %d", run+1, built, err, want)
		}
	}
	for _, p := range tools {
		if data, err := os.ReadFile(b.store.path(p)); err != nil || string(data) != p.key {
			t.Errorf("%s: %q, %v", p, data, err)
		}
	}
}

func TestChangedPinBuildsThatToolAlone(t *testing.T) {
	tools := pulumiTools()
	b := newBuilder(t, tools)
	if _, err := b.ready(t.Context(), tools); err != nil {
		t.Fatal(err)
	}
	tools[1].key = "l2"
	var err error
	if b.store, err = openStore(tools); err != nil {
		t.Fatal(err)
	}
	if built, err := b.ready(t.Context(), tools); err != nil || built != 1 {
		t.Errorf("built %d tools (%v), want 1", built, err)
	}
}

func TestOnlyTheNamedToolsAreBuilt(t *testing.T) {
	tools := pulumiTools()
	b := newBuilder(t, tools)
	chosen, err := choose(tools, []string{languageName})
	if err != nil {
		t.Fatal(err)
	}
	if built, err := b.ready(t.Context(), chosen); err != nil || built != 1 || b.store.has(tools[0]) {
		t.Errorf("built %d tools (%v), pulumi ready: %t", built, err, b.store.has(tools[0]))
	}
	if _, err := choose(tools, []string{"nonesuch"}); err == nil || !strings.Contains(err.Error(), pulumiName) {
		t.Errorf("an unknown name must be answered with the known ones: %v", err)
	}
}

func TestFailedBuildShowsTheEndOfItsLogAndWhereItIs(t *testing.T) {
	tools := pulumiTools()[:1]
	b := newBuilder(t, tools)
	b.compile = func(_ context.Context, _ pinned, _ string, log io.Writer) error {
		for i := range 100 {
			fmt.Fprintf(log, "line %d\n", i)
		}
		return errors.New("exit status 1")
	}
	_, err := b.ready(t.Context(), tools)
	if err == nil {
		t.Fatal("no error")
	}
	text := err.Error()
	log := filepath.Join(b.store.root, "log", "pulumi.log")
	for _, want := range []string{"pulumi v3.259.0", "exit status 1", "line 80\n", "line 99\n", log} {
		if !strings.Contains(text, want) {
			t.Errorf("%q is not in: %s", want, text)
		}
	}
	if strings.Contains(text, "line 79\n") {
		t.Errorf("more than the last lines: %s", text)
	}
	nothingKept(t, b, tools[0])
}

func TestInterruptedBuildLeavesNothing(t *testing.T) {
	tools := pulumiTools()[:1]
	b := newBuilder(t, tools)
	ctx, cancel := context.WithCancel(t.Context())
	b.compile = func(ctx context.Context, _ pinned, file string, _ io.Writer) error {
		if err := os.WriteFile(file, []byte("half"), 0o755); err != nil {
			return err
		}
		cancel()
		return ctx.Err()
	}
	if _, err := b.ready(ctx, tools); err == nil || !strings.Contains(err.Error(), "interrupted") {
		t.Errorf("got %v", err)
	}
	nothingKept(t, b, tools[0])
}

func TestLeftoversOfAKilledBuildAreSweptAway(t *testing.T) {
	tools := pulumiTools()[:1]
	b := newBuilder(t, tools)
	leftover := filepath.Join(b.store.root, pulumiName, tempPrefix+"1")
	write(t, filepath.Join(leftover, pulumiName), "half")
	if _, err := b.ready(t.Context(), tools); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(leftover); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("%s is still there", leftover)
	}
}

func TestSecondBuilderWaitsForTheFirst(t *testing.T) {
	tools := pulumiTools()[:1]
	b := newBuilder(t, tools)
	unlock, err := b.store.lock(t.Context(), io.Discard)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	var out bytes.Buffer
	b.out = &out
	if _, err := b.ready(ctx, tools); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("while the store is locked: %v", err)
	}
	if !strings.Contains(out.String(), "waiting") {
		t.Errorf("said %q", out.String())
	}
	if err := unlock(); err != nil {
		t.Fatal(err)
	}
	if built, err := b.ready(t.Context(), tools); err != nil || built != 1 {
		t.Errorf("once unlocked: built %d, %v", built, err)
	}
}

// nothingKept checks that neither a whole nor a half tool is in the store.
func nothingKept(t *testing.T, b builder, p pinned) {
	t.Helper()
	if b.store.has(p) {
		t.Errorf("%s is on the PATH", p)
	}
	entries, err := os.ReadDir(filepath.Join(b.store.root, p.name))
	if err != nil {
		t.Fatal(err)
	}
	if len(entries) > 0 {
		t.Errorf("left behind: %v", entries)
	}
}
