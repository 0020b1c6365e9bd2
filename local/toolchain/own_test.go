package main

import (
	"os"
	"path/filepath"
	"testing"
)

func TestPulumiOnThePath(t *testing.T) {
	cases := map[string]struct {
		version  string
		language bool
		built    int // of pulumi and its language host
	}{
		"equal":            {version: "v3.259.0", language: true, built: 0},
		"newer":            {version: "v3.260.1", language: true, built: 0},
		"older":            {version: "v3.258.9", language: true, built: 2},
		"older, longer":    {version: "v3.99.0", language: true, built: 2},
		"development":      {version: "v3.259.0-dev.0", language: true, built: 2},
		"garbage":          {version: "Segmentation fault", language: true, built: 2},
		"silent":           {version: "", language: true, built: 2},
		"no language host": {version: "v3.259.0", language: false, built: 2},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			tools := pulumiTools()[:2]
			b := newBuilder(t, tools)
			dir := t.TempDir()
			t.Setenv("PATH", dir)
			script(t, filepath.Join(dir, pulumiName), c.version)
			if c.language {
				script(t, filepath.Join(dir, languageName), "")
			}
			if built, err := b.ready(t.Context(), tools); err != nil || built != c.built {
				t.Errorf("built %d (%v), want %d", built, err, c.built)
			}
		})
	}
}

func TestLanguageHostElsewhereOnThePathWillDo(t *testing.T) {
	tools := pulumiTools()[:2]
	b := newBuilder(t, tools)
	one, two := t.TempDir(), t.TempDir()
	t.Setenv("PATH", one+":"+two)
	script(t, filepath.Join(one, pulumiName), "v3.259.0")
	script(t, filepath.Join(two, languageName), "")
	if built, err := b.ready(t.Context(), tools); err != nil || built != 0 {
		t.Errorf("built %d (%v), want none", built, err)
	}
}

func TestPulumiOfAnotherKeyOnThePathIsNotTheMachinesOwn(t *testing.T) {
	tools := pulumiTools()[:2]
	b := newBuilder(t, tools)
	old := filepath.Join(b.store.root, "bin", "otherkey")
	script(t, filepath.Join(old, pulumiName), "v3.259.0")
	script(t, filepath.Join(old, languageName), "")
	t.Setenv("PATH", old)
	if built, err := b.ready(t.Context(), tools); err != nil || built != 2 {
		t.Errorf("built %d (%v), want 2", built, err)
	}
}

func TestUsersPluginOfTheSameVersionIsUsed(t *testing.T) {
	for version, want := range map[string]int{"v4.25.0": 0, "v4.24.0": 1} {
		tools := pulumiTools()[2:]
		b := newBuilder(t, tools)
		home := t.TempDir()
		t.Setenv("PULUMI_HOME", home)
		plugin := filepath.Join(home, "plugins", "resource-kubernetes-"+version)
		script(t, filepath.Join(plugin, providerName), "")
		if built, err := b.ready(t.Context(), tools); err != nil || built != want {
			t.Errorf("%s: built %d (%v), want %d", version, built, err, want)
		}
		if err := os.RemoveAll(plugin); err != nil {
			t.Fatal(err)
		}
		if built, err := b.ready(t.Context(), tools); err != nil || built != 1-want {
			t.Errorf("once %s is gone: built %d (%v), want %d", version, built, err, 1-want)
		}
	}
}
