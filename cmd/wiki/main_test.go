package main

import (
	"bytes"
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"mediawiki-stack/internal/doctor"
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
