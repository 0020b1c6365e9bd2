package main

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

func TestAnyStackGoesToTheEmbeddedClusterWithItsImages(t *testing.T) {
	newCheckout(t)
	config := configOf(t, prepared(t)).Config
	images, ok := config[imagesKey].(map[string]any)
	if !ok || images["mediawiki"] != "localhost/mediawiki:1" {
		t.Errorf("images: %v", config[imagesKey])
	}
	for key, want := range map[string]any{
		"mediawiki:kubeconfig": "/clusters/mediawiki/kubeconfig",
		"mediawiki:context":    "microk8s",
		"mediawiki:replicas":   2,
	} {
		if config[key] != want {
			t.Errorf("%s is %v, want %v", key, config[key], want)
		}
	}
}

func TestMasterSecretIsMadeOnceAndNeverOnACommandLine(t *testing.T) {
	newCheckout(t)
	s := prepared(t)
	first := configOf(t, s)
	prepared(t)
	again := configOf(t, s)
	if first.Salt != "salt" || again.Salt != "salt" {
		t.Errorf("salts: %q, then %q", first.Salt, again.Salt)
	}
	if !isSecret(again.Config[masterSecret]) {
		t.Errorf("%s is %v", masterSecret, again.Config[masterSecret])
	}
	secret := read(t, os.Getenv("LOG")+".stdin")
	if len(secret) < 32 {
		t.Errorf("a secret of %d characters", len(secret))
	}
	calls := read(t, os.Getenv("LOG"))
	if strings.Contains(calls, secret) {
		t.Errorf("the secret is among the arguments: %s", calls)
	}
	want := "stack init pi --non-interactive\nconfig set --secret mediawiki:masterSecret --non-interactive\n"
	if calls != want {
		t.Errorf("calls:\n%swant:\n%s", calls, want)
	}
}

func TestCommandsAtTheSameTimeCreateOneStack(t *testing.T) {
	newCheckout(t)
	const commands = 8
	ended := make(chan error, commands)
	for range commands {
		s, err := openStack("pi")
		if err != nil {
			t.Fatal(err)
		}
		go func() { ended <- s.prepare(t.Context(), "stack") }()
	}
	for range commands {
		if err := <-ended; err != nil {
			t.Error(err)
		}
	}
	if calls := read(t, os.Getenv("LOG")); strings.Count(calls, "stack init") != 1 || strings.Count(calls, "config set") != 1 {
		t.Errorf("calls:\n%s", calls)
	}
}

func TestChangedCheckoutTakesEffectAndSecretsStay(t *testing.T) {
	root := newCheckout(t)
	s := prepared(t)
	write(t, filepath.Join(root, "Pulumi.pi.yaml"), "config:\n  mediawiki:port: 81\n")
	prepared(t)
	config := configOf(t, s).Config
	if config["mediawiki:port"] != 81 || config["mediawiki:replicas"] != nil || !isSecret(config[masterSecret]) {
		t.Errorf("config: %v", config)
	}
}

func TestFilesThatSettingsNameAreInTheStacksFolder(t *testing.T) {
	root := newCheckout(t)
	write(t, filepath.Join(root, "Pulumi.pi.yaml"), strings.Join([]string{
		"config:", "  mediawiki:logo: pictures/logo.svg", "  mediawiki:icon: passphrase",
		"  mediawiki:favicon: https://example.org/favicon.ico", "",
	}, "\n"))
	if err := os.Mkdir(filepath.Join(root, "pictures"), 0o755); err != nil {
		t.Fatal(err)
	}
	for _, content := range []string{"one", "another"} {
		write(t, filepath.Join(root, "pictures", "logo.svg"), content)
		s := prepared(t)
		if found := read(t, filepath.Join(s.folder, "pictures", "logo.svg")); found != content {
			t.Errorf("the logo is %q, want %q", found, content)
		}
		if len(read(t, filepath.Join(s.folder, "passphrase"))) < 20 {
			t.Error("the passphrase was replaced")
		}
	}
}

func TestCheckoutStaysAsItIs(t *testing.T) {
	root := newCheckout(t)
	before := read(t, filepath.Join(root, "Pulumi.pi.yaml"))
	prepared(t)
	entries, err := os.ReadDir(root)
	if err != nil {
		t.Fatal(err)
	}
	if len(entries) != 3 || read(t, filepath.Join(root, "Pulumi.pi.yaml")) != before {
		t.Errorf("the checkout now holds %v", entries)
	}
}

func TestNobodyElseCanReadAStacksFolder(t *testing.T) {
	newCheckout(t)
	s := prepared(t)
	for path, want := range map[string]os.FileMode{s.folder: 0o700, filepath.Join(s.folder, "passphrase"): 0o600} {
		info, err := os.Stat(path)
		if err != nil {
			t.Fatal(err)
		}
		if info.Mode().Perm() != want {
			t.Errorf("%s has mode %o, want %o", path, info.Mode().Perm(), want)
		}
	}
}

func TestClustersKeepTheirStacksApart(t *testing.T) {
	newCheckout(t)
	one := prepared(t)
	t.Setenv("CLUSTER", "other")
	other := prepared(t)
	if one.folder == other.folder || one.program == other.program {
		t.Errorf("%s and %s share %s or %s", one.cluster, other.cluster, one.folder, one.program)
	}
	if !slices.Contains(other.env(), "KUBECONFIG=/clusters/other/kubeconfig") {
		t.Errorf("kubeconfig %s", other.kubeconfig)
	}
}

func TestCopiesOfTheKubeconfigStayWithTheStack(t *testing.T) {
	newCheckout(t)
	s := prepared(t)
	tmp := filepath.Join(s.folder, "tmp")
	if !slices.Contains(s.env(), "TMPDIR="+tmp) {
		t.Errorf("temporary files are not made in %s", tmp)
	}
	if info, err := os.Stat(tmp); err != nil || info.Mode().Perm() != 0o700 {
		t.Errorf("%s: %v, %v; want a folder of mode 700", tmp, info, err)
	}
}

func TestWhatTheUserHasSetForOtherStacksHasNoEffect(t *testing.T) {
	newCheckout(t)
	for _, name := range []string{"PULUMI_BACKEND_URL", "PULUMI_STACK", "PULUMI_CONFIG_PASSPHRASE", "KUBECONFIG"} {
		t.Setenv(name, "of another stack")
	}
	seen := map[string]bool{}
	for _, variable := range prepared(t).env() {
		name, value, _ := strings.Cut(variable, "=")
		if seen[name] || value == "of another stack" {
			t.Errorf("%s", variable)
		}
		seen[name] = true
	}
}

func TestPlainSettingsAreChangedInTheCheckout(t *testing.T) {
	root := newCheckout(t)
	s := prepared(t)
	file := []string{"--config-file", filepath.Join(root, "Pulumi.pi.yaml")}
	for _, c := range []struct {
		command    []string
		inCheckout bool
	}{
		{[]string{"config", "set", "port", "81"}, true},
		{[]string{"config", "set", "--path", "web.workers", "4"}, true},
		{[]string{"config", "rm", "replicas"}, true},
		{[]string{"config", "rm", "mailPassword"}, false},
		{[]string{"config", "set", "--secret", "mailPassword"}, false},
		{[]string{"config"}, false},
		{[]string{"up", "--yes"}, false},
	} {
		want := c.command
		if c.inCheckout {
			want = append(slices.Clone(want), file...)
		}
		if command := s.inCheckout(c.command); !slices.Equal(command, want) {
			t.Errorf("%q, want %q", command, want)
		}
	}
}

func TestMistakesAreAnsweredWithWhatToType(t *testing.T) {
	newCheckout(t)
	for want, args := range map[string][]string{
		"there are: local, pi": {"nonesuch", "up"},
		"STACK COMMAND":        {"pi"},
		"a name has letters":   {"../pi", "up"},
	} {
		if err := run(t.Context(), args); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v: %v, want %q", args, err, want)
		}
	}
}
