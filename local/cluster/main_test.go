package main

import (
	"io"
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
