package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// newModule writes a module of one source file that requires a release, and returns the folder that holds it.
func newModule(t *testing.T) string {
	t.Helper()
	src := t.TempDir()
	write(t, filepath.Join(src, "mod", "go.mod"), "module example.org/tool\n\nrequire example.org/release v1.2.3\n")
	write(t, filepath.Join(src, "mod", "go.sum"), "example.org/release v1.2.3 h1:abc=\n")
	write(t, filepath.Join(src, "mod", "main.go"), "package main\n\nfunc main() {}\n")
	return src
}

func write(t *testing.T, path, content string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(content), 0o755); err != nil {
		t.Fatal(err)
	}
}

// newBuilder returns a builder for the tools, in a store of its own on a machine without tools of its own. It compiles by
// writing the tool's key.
func newBuilder(t *testing.T, tools []pinned) builder {
	t.Helper()
	t.Setenv("XDG_CACHE_HOME", t.TempDir())
	t.Setenv("HOME", t.TempDir())
	t.Setenv("PULUMI_HOME", "")
	t.Setenv("PATH", t.TempDir())
	s, err := openStore(tools)
	if err != nil {
		t.Fatal(err)
	}
	return builder{store: s, out: io.Discard, compile: func(_ context.Context, p pinned, file string, _ io.Writer) error {
		return os.WriteFile(file, []byte(p.key), 0o755)
	}}
}

func pulumiTools() []pinned {
	return []pinned{
		{tool: tool{name: pulumiName}, version: "v3.259.0", key: "p1"},
		{tool: tool{name: languageName}, version: "v3.187.0", key: "l1"},
		{tool: tool{name: providerName, plugin: "resource-kubernetes"}, version: "v4.25.0", key: "k1"},
	}
}

// script writes a shell script that prints a line.
func script(t *testing.T, path, line string) {
	t.Helper()
	write(t, path, fmt.Sprintf("#!/bin/sh\necho '%s'\n", line))
}

func mustPin(t *testing.T, src string, entry tool) pinned {
	t.Helper()
	p, err := pin(src, entry)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// rewrite replaces text in a file of the module that newModule made.
func rewrite(t *testing.T, src, name, from, to string) {
	t.Helper()
	path := filepath.Join(src, "mod", name)
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	changed := strings.ReplaceAll(string(data), from, to)
	if changed == string(data) {
		t.Fatalf("%s does not contain %q", path, from)
	}
	write(t, path, changed)
}
