package process

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// started runs a program that is reaped when it ends, as daemons are, and returns its id.
func started(t *testing.T, name string, args ...string) int {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), name, args...)
	require.NoError(t, cmd.Start())
	done := make(chan struct{})
	go func() { defer close(done); _ = cmd.Wait() }()
	t.Cleanup(func() { _ = cmd.Process.Kill(); <-done })
	return cmd.Process.Pid
}

func TestEndWaitsUntilTheProcessIsGone(t *testing.T) {
	pid := started(t, "sleep", "infinity")
	require.NotEmpty(t, StartTime(pid))
	require.NoError(t, End(t.Context(), pid, time.Minute))
	assert.Empty(t, StartTime(pid))
}

func TestEndKillsWhatIgnoresItsGrace(t *testing.T) {
	ready := filepath.Join(t.TempDir(), "ready")
	pid := started(t, "sh", "-c", `trap "" TERM; touch "$1"; while :; do sleep 1; done`, "sh", ready)
	require.Eventually(t, func() bool { _, err := os.Stat(ready); return err == nil }, time.Minute, pollInterval)
	require.NoError(t, End(t.Context(), pid, 50*time.Millisecond))
	assert.Empty(t, StartTime(pid))
}

func TestAnIDUsedAgainIsNotTheDaemon(t *testing.T) {
	pid := started(t, "sleep", "infinity")
	daemon := &Daemon{Name: "etcd", PIDFile: filepath.Join(t.TempDir(), "etcd.pid")}
	for content, want := range map[string]int{
		fmt.Sprintf("%d %s\n", pid, StartTime(pid)): pid,
		fmt.Sprintf("%d 1\n", pid):                  0,
		fmt.Sprintf("%d\n", pid):                    0,
		"nonsense 5\n":                              0,
		"":                                          0,
	} {
		require.NoError(t, os.WriteFile(daemon.PIDFile, []byte(content), 0o600))
		assert.Equal(t, want, daemon.PID(), "%q", content)
	}
}

func TestLogThatHasGrownTooLargeIsSetAside(t *testing.T) {
	daemon := &Daemon{LogFile: filepath.Join(t.TempDir(), "etcd.log")}
	require.NoError(t, os.WriteFile(daemon.LogFile, nil, 0o600))
	require.NoError(t, os.Truncate(daemon.LogFile, maxLog+1))
	log, err := daemon.openLog()
	require.NoError(t, err)
	require.NoError(t, log.Close())
	assert.FileExists(t, daemon.LogFile+".1")
	info, err := os.Stat(daemon.LogFile)
	require.NoError(t, err)
	assert.Zero(t, info.Size())
}
