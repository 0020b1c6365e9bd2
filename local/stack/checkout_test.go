package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// fakePulumi records its arguments and input, and changes the stack's files as pulumi does.
const fakePulumi = `#!/bin/sh
set -e
echo "$*" >>"$LOG"
case "$1 $2" in
"stack init")
	mkdir -p state/.pulumi/stacks/wiki
	touch "state/.pulumi/stacks/wiki/$3.json"
	echo "encryptionsalt: salt" >>"Pulumi.$3.yaml"
	;;
"config set")
	cat >"$LOG.stdin"
	sed -i 's/^config:$/config:\n    mediawiki:masterSecret: {secure: v1:abc}/' "Pulumi.$PULUMI_STACK.yaml"
	;;
esac
`

// newCheckout makes a checkout with the stacks local and pi, enters it, and puts a fake pulumi and a fake cluster on the PATH.
func newCheckout(t *testing.T) string {
	t.Helper()
	root, bin := t.TempDir(), t.TempDir()
	write(t, filepath.Join(root, "Pulumi.yaml"), "name: wiki\nruntime:\n  name: go\n")
	write(t, filepath.Join(root, "Pulumi.local.yaml"), "config:\n  mediawiki:images:\n    mediawiki: localhost/mediawiki:1\n")
	write(t, filepath.Join(root, "Pulumi.pi.yaml"), strings.Join([]string{
		"encryptionsalt: theirs",
		"config:",
		"  mediawiki:replicas: 2",
		"  mediawiki:context: pi",
		"  mediawiki:kubeconfig: ~/.kube/rpi",
		"  mediawiki:masterSecret: {secure: v1:theirs}",
		"",
	}, "\n"))
	write(t, filepath.Join(bin, "pulumi"), fakePulumi)
	write(t, filepath.Join(bin, "cluster"), "#!/bin/sh\necho \"/clusters/$3/kubeconfig\"\n")
	t.Setenv("PATH", bin+string(filepath.ListSeparator)+os.Getenv("PATH"))
	t.Setenv("LOG", filepath.Join(bin, "log"))
	t.Setenv("XDG_CACHE_HOME", t.TempDir())
	t.Setenv("XDG_DATA_HOME", t.TempDir())
	t.Setenv("CLUSTER", "")
	t.Chdir(root)
	return root
}

func write(t *testing.T, path, content string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(content), 0o755); err != nil {
		t.Fatal(err)
	}
}

func read(t *testing.T, path string) string {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

// prepared opens stack pi and prepares it for a command that does not run the program.
func prepared(t *testing.T) *stack {
	t.Helper()
	s, err := openStack("pi")
	if err != nil {
		t.Fatal(err)
	}
	if err := s.prepare(t.Context(), "stack"); err != nil {
		t.Fatal(err)
	}
	return s
}

func configOf(t *testing.T, s *stack) stackConfig {
	t.Helper()
	var config stackConfig
	if err := readYAML(filepath.Join(s.folder, stackFile(s.name)), &config); err != nil {
		t.Fatal(err)
	}
	return config
}
