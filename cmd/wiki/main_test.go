package main

import (
	"bytes"
	"encoding/json"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/mediawiki-stack/mediawiki-stack/internal/doctor"
	"github.com/mediawiki-stack/mediawiki-stack/internal/release"
)

func TestExitStatusTellsWhoseMistakeItIs(t *testing.T) {
	for name, c := range map[string]struct {
		args []string
		want int
	}{
		"help":                      {[]string{"doctor", "--help"}, 0},
		"an unknown flag":           {[]string{"doctor", "--nonsense"}, 2},
		"an unknown command":        {[]string{"operate"}, 2},
		"an argument too many":      {[]string{"doctor", "rpi"}, 2},
		"no cluster":                {[]string{"doctor", "--kubeconfig", "/nonexistent"}, 1},
		"a backup of what, exactly": {[]string{"backup"}, 1},
	} {
		t.Run(name, func(t *testing.T) {
			var stdout, stderr bytes.Buffer
			assert.Equal(t, c.want, run(t.Context(), c.args, &stdout, &stderr), stderr.String())
		})
	}
}

// TestHelpSaysWhatAnImportTakesAndDoes: a newcomer looks there first.
func TestHelpSaysWhatAnImportTakesAndDoes(t *testing.T) {
	for args, wants := range map[string][]string{
		"--help":        {"imports a wiki that ran elsewhere", "import ", "from a dump and its images"},
		"import --help": {"mariadb-dump", "zstd", "images directory", "temporary\ndatabase", "old passwords", "siteName"},
	} {
		var stdout, stderr bytes.Buffer
		require.Equal(t, 0, run(t.Context(), strings.Fields(args), &stdout, &stderr))
		for _, want := range wants {
			assert.Contains(t, stdout.String(), want)
		}
	}
}

func TestVersionIsOneLine(t *testing.T) {
	var stdout, stderr bytes.Buffer
	require.Equal(t, 0, run(t.Context(), []string{"version"}, &stdout, &stderr))
	assert.Equal(t, release.Version()+"\n", stdout.String())
}

func TestEveryCommandHasAnExample(t *testing.T) {
	for _, command := range rootCommand().Commands() {
		assert.NotEmpty(t, command.Long, command.Name())
		assert.Contains(t, command.Example, command.Name(), command.Name())
	}
}

// TestEveryCommandFindsTheSameKubeconfig: also if the shell has not expanded "~".
func TestEveryCommandFindsTheSameKubeconfig(t *testing.T) {
	home := t.TempDir()
	t.Setenv("HOME", home)
	for _, command := range []string{
		"doctor", "backup", "backups", "restore", "drill", "smoke", "logs", "status", "promote", "import dump.sql",
	} {
		var stdout, stderr bytes.Buffer
		args := append(strings.Fields(command), "--namespace", "wiki", "--kubeconfig", "~/none")
		assert.Equal(t, 1, run(t.Context(), args, &stdout, &stderr), command)
		assert.Contains(t, stdout.String()+stderr.String(), "no kubeconfig at "+filepath.Join(home, "none"), command)
	}
}

func TestDoctorPrintsFindingsForPrograms(t *testing.T) {
	var stdout, stderr bytes.Buffer
	require.Equal(t, 1, run(t.Context(), []string{"doctor", "--json", "--kubeconfig", "/nonexistent"}, &stdout, &stderr))
	assert.Empty(t, stderr.String())
	var found []doctor.Finding
	require.NoError(t, json.Unmarshal(stdout.Bytes(), &found))
	require.Len(t, found, 1)
	assert.Equal(t, doctor.Failure, found[0].Level)
	assert.Equal(t, "kubeconfig", found[0].About)
}
