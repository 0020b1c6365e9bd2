package main

import (
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestCommandsAreForTheClusterOfTheEnvironment(t *testing.T) {
	t.Setenv("XDG_DATA_HOME", t.TempDir())
	for _, c := range []struct {
		environment string
		args        []string
		want        string
	}{
		{"", []string{"kubeconfig"}, "there is no cluster mediawiki\n  type: make up"},
		{"x", []string{"kubeconfig"}, "there is no cluster x\n  type: make up"},
		{"x", []string{"kubeconfig", "--name", "y"}, "there is no cluster y\n  type: make up"},
	} {
		t.Setenv("CLUSTER", c.environment)
		root := command()
		root.SetArgs(c.args)
		root.SetOut(io.Discard)
		if err := root.Execute(); err == nil || err.Error() != c.want {
			t.Errorf("CLUSTER=%q cluster %q says %v, not %q", c.environment, c.args, err, c.want)
		}
	}
}

func TestIngressNeedsItsProgramsAndStays(t *testing.T) {
	data := t.TempDir()
	t.Setenv("XDG_DATA_HOME", data)
	t.Setenv("PATH", t.TempDir())
	up := func(args ...string) string {
		t.Helper()
		root := command()
		root.SetArgs(append([]string{"up", "--name=x"}, args...))
		root.SetOut(io.Discard)
		err := root.Execute()
		if err == nil {
			t.Fatalf("cluster up %q succeeded", args)
		}
		return err.Error()
	}
	if got := up("--ingress"); !strings.Contains(got, "traefik") || !strings.Contains(got, "type: make up INGRESS=yes") {
		t.Errorf("without the programs: %s", got)
	}
	folder := filepath.Join(data, "mediawiki-stack", "clusters", "x")
	if _, err := os.Stat(folder); !os.IsNotExist(err) {
		t.Errorf("%s exists: %v", folder, err)
	}
	if err := os.MkdirAll(folder, 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(folder, "cluster.json"), []byte(`{"index":9,"nodes":1,"ingress":true}`), 0o600); err != nil {
		t.Fatal(err)
	}
	if got := up("--ingress=false"); !strings.Contains(got, "type: cluster --name x destroy") {
		t.Errorf("switched off: %s", got)
	}
}
