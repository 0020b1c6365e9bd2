package cluster

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"golang.org/x/sys/unix"
)

func TestAnInterruptedDestroyCanBeRepeated(t *testing.T) {
	folder := filepath.Join(t.TempDir(), "data")
	busy := filepath.Join(folder, "storage", "busy")
	require.NoError(t, os.MkdirAll(busy, 0o700))
	require.NoError(t, os.WriteFile(filepath.Join(folder, recordName), nil, 0o600))
	require.NoError(t, unix.Mount("busy", busy, "tmpfs", 0, ""))
	require.ErrorIs(t, deleteLast(folder, recordName), unix.EBUSY)
	assert.FileExists(t, filepath.Join(folder, recordName))
	require.NoError(t, unix.Unmount(busy, 0))
	require.NoError(t, deleteLast(folder, recordName))
	assert.NoDirExists(t, folder)
}
