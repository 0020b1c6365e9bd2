package engine

import (
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// Locked reports whether the backend has a lock on the stack, because a command is running or was killed.
func (s *Stack) Locked(t *testing.T) bool {
	t.Helper()
	locks, err := filepath.Glob(filepath.Join(s.backend, ".pulumi", "locks", "*", "*", s.name, "*.json"))
	require.NoError(t, err)
	return len(locks) > 0
}

// Attributes returns the attribute files in the backend. An empty one makes the state unreadable.
func (s *Stack) Attributes(t *testing.T) []string {
	t.Helper()
	var found []string
	require.NoError(t, filepath.WalkDir(s.backend, func(path string, _ fs.DirEntry, err error) error {
		if strings.HasSuffix(path, ".attrs") {
			found = append(found, path)
		}
		return err
	}))
	return found
}

// RunConcurrently runs a command on the stack while another one is running, and returns what it printed.
func (s *Stack) RunConcurrently(t *testing.T, command string, flags ...string) (string, error) {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), "pulumi", append([]string{command, "--non-interactive"}, flags...)...)
	cmd.Dir = filepath.Dir(s.file)
	cmd.Env = append(os.Environ(), s.env...)
	cmd.Env = append(cmd.Env, "PULUMI_CONFIG_PASSPHRASE=correct horse battery staple") // the integration package uses it
	printed, err := cmd.CombinedOutput()
	return string(printed), err
}
