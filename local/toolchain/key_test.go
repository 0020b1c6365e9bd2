package main

import (
	"path/filepath"
	"strings"
	"testing"
)

func TestKeyChangesWithWhatDecidesTheBinary(t *testing.T) {
	base := tool{name: "tool", dir: "mod", pkg: ".", release: "example.org/release"}
	changes := map[string]func(src string, tool *tool){
		"pin":      func(src string, _ *tool) { rewrite(t, src, "go.mod", "v1.2.3", "v1.2.4") },
		"checksum": func(src string, _ *tool) { rewrite(t, src, "go.sum", "abc", "abd") },
		"source":   func(src string, _ *tool) { rewrite(t, src, "main.go", "{}", "{ println() }") },
		"new file": func(src string, _ *tool) { write(t, filepath.Join(src, "mod", "new.go"), "package main\n") },
		"flags":    func(_ string, tool *tool) { tool.stamp = "main.version=" },
		"linkage":  func(_ string, tool *tool) { tool.static = true },
		"package":  func(_ string, tool *tool) { tool.pkg = "./cmd" },
		"overlay":  func(_ string, tool *tool) { tool.overlays = map[string]string{"a": "b"} },
	}
	for name, change := range changes {
		t.Run(name, func(t *testing.T) {
			src, changed := newModule(t), base
			before := mustPin(t, src, base)
			change(src, &changed)
			if after := mustPin(t, src, changed); before.key == after.key {
				t.Errorf("key is %s before and after", before.key)
			}
		})
	}
}

func TestKeyIsTheSameForTheSameSourcesElsewhere(t *testing.T) {
	base := tool{name: "tool", dir: "mod", pkg: ".", release: "example.org/release"}
	here, there := newModule(t), newModule(t)
	// Neither tests nor modules nested in it are part of the binary.
	write(t, filepath.Join(there, "mod", "main_test.go"), "package main\n")
	write(t, filepath.Join(there, "mod", "testdata", "golden"), "x")
	write(t, filepath.Join(there, "mod", "nested", "go.mod"), "module nested\n")
	if a, b := mustPin(t, here, base), mustPin(t, there, base); a.key != b.key {
		t.Errorf("keys differ: %s and %s", a.key, b.key)
	}
}

func TestEveryToolOfTheCatalogIsPinned(t *testing.T) {
	seen := map[string]bool{}
	for _, entry := range catalog {
		p, err := pin(".", entry)
		if err != nil {
			t.Fatal(err)
		}
		if entry.release != "" && !strings.HasPrefix(p.version, "v") {
			t.Errorf("%s has version %q", entry.name, p.version)
		}
		if seen[entry.name] {
			t.Errorf("%s is listed twice", entry.name)
		}
		seen[entry.name] = true
	}
}

func TestToolIsToldItsVersionWithoutTheLetter(t *testing.T) {
	p := pinned{tool: tool{stamp: "main.version="}, version: "v1.2.3"}
	if flags := strings.Join(p.flags(), " "); !strings.HasSuffix(flags, "-X main.version=1.2.3") {
		t.Error(flags)
	}
}

func TestMissingRequirementIsNamed(t *testing.T) {
	_, err := pin(newModule(t), tool{name: "tool", dir: "mod", release: "example.org/other"})
	if err == nil || !strings.Contains(err.Error(), "example.org/other") {
		t.Errorf("got %v", err)
	}
}
