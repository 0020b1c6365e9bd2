package engine

import (
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

// Locked reports whether the backend keeps other commands off the stack, because one is at work or was killed.
func (s *Stack) Locked(t *testing.T) bool {
	t.Helper()
	locks, err := filepath.Glob(filepath.Join(s.backend, ".pulumi", "locks", "*", "*", s.name, "*.json"))
	require.NoError(t, err)
	return len(locks) > 0
}

// RunConcurrently runs a command on the stack while another is at work, and returns what it printed.
func (s *Stack) RunConcurrently(t *testing.T, command string, flags ...string) (string, error) {
	t.Helper()
	rival := exec.CommandContext(t.Context(), "pulumi", append([]string{command, "--non-interactive"}, flags...)...)
	rival.Dir = filepath.Dir(s.file)
	rival.Env = append(os.Environ(), s.env...)
	rival.Env = append(rival.Env, "PULUMI_CONFIG_PASSPHRASE=correct horse battery staple") // as the integration package has it
	printed, err := rival.CombinedOutput()
	return string(printed), err
}
