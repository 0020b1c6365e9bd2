package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestCommandsThatWouldLoseTheStackAreRefused(t *testing.T) {
	newCheckout(t)
	s, err := openStack("pi")
	if err != nil {
		t.Fatal(err)
	}
	for command, want := range map[string]string{
		"stack rename home":                  "cp Pulumi.pi.yaml Pulumi.OTHER.yaml",
		"--non-interactive stack rename b":   "with other secrets",
		"stack rm --yes":                     "add --preserve-config",
		"stack init other":                   "which the first command creates",
		"stack select local":                 "which the first command creates",
		"stack change-secrets-provider x":    "could not be read",
		"login --local":                      "wherever pulumi is logged in",
		"logout":                             "wherever pulumi is logged in",
		"up --stack local":                   "omit --stack",
		"preview -s local":                   "omit --stack",
		"destroy --stack=local":              "mediawiki-stack STACK destroy",
		"destroy --yes --remove":             "the only copy of the secrets of stack pi",
		"up":                                 "",
		"stack rm --force --preserve-config": "",
		"stack":                              "",
		"stack output url":                   "",
		"stack export --file state.json":     "",
		"destroy --yes":                      "",
		"config set siteName stack":          "",
	} {
		err := s.refuse(strings.Fields(command))
		switch {
		case want == "" && err != nil:
			t.Errorf("%s: %v", command, err)
		case want != "" && (err == nil || !strings.Contains(err.Error(), want)):
			t.Errorf("%s: %v, want %q", command, err, want)
		}
	}
	if err := run(t.Context(), []string{"pi", "stack", "rename", "home"}); err == nil {
		t.Error("stack rename has run")
	}
	if _, err := os.Stat(s.folder); !os.IsNotExist(err) {
		t.Errorf("a command that is refused has created %s: %v", s.folder, err)
	}
}

func TestSettingsThatLinuxCannotPassOnAreRefused(t *testing.T) {
	root := newCheckout(t)
	write(t, filepath.Join(root, "Pulumi.pi.yaml"), "config:\n  mediawiki:extraSettings: "+strings.Repeat("x", 130_000)+"\n")
	s, err := openStack("pi")
	if err != nil {
		t.Fatal(err)
	}
	err = s.prepare(t.Context(), "up")
	if err == nil || !strings.Contains(err.Error(), "mediawiki:extraSettings has 130 kB") {
		t.Errorf("%v", err)
	}
	if err := s.prepare(t.Context(), "config"); err != nil { // which is how it is fixed
		t.Errorf("pulumi config: %v", err)
	}
}
