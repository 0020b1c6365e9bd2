package wiki

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/mediawiki-stack/mediawiki-stack/tests/internal/await"
)

// roomLeft is the free space on a small disk, in bytes.
const roomLeft = 96 << 20

// moveToSmallDisk moves a volume's folder to a file system of its own that is hardly larger than the folder. No process may use the
// volume.
func moveToSmallDisk(t *testing.T, folder string) {
	t.Helper()
	var size int64
	require.NoError(t, filepath.WalkDir(folder, func(_ string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		info, err := entry.Info()
		if err == nil {
			size += info.Size() + 4096
		}
		return err
	}))
	aside := t.TempDir()
	copyAll(t, folder, aside)
	require.NoError(t, syscall.Mount("tmpfs", folder, "tmpfs", 0, fmt.Sprintf("mode=777,size=%d", size+roomLeft)))
	copyAll(t, aside, folder)
}

func copyAll(t *testing.T, from, to string) {
	t.Helper()
	out, err := exec.CommandContext(t.Context(), "cp", "-a", from+"/.", to).CombinedOutput()
	require.NoError(t, err, string(out))
}

// unmountSmallDisk unmounts what moveToSmallDisk has mounted.
func unmountSmallDisk(t *testing.T, folder string) {
	t.Helper()
	if err := syscall.Unmount(folder, syscall.MNT_DETACH); !errors.Is(err, syscall.EINVAL) { // EINVAL: not mounted
		require.NoError(t, err)
	}
}

// fill uses up all space on a volume until the returned function is called.
func fill(t *testing.T, folder string) (free func()) {
	t.Helper()
	var disk syscall.Statfs_t
	require.NoError(t, syscall.Statfs(folder, &disk))
	require.Less(t, disk.Blocks*uint64(disk.Bsize), uint64(2<<30), "%s is not on a small disk", folder)
	path := filepath.Join(folder, ".filler")
	filler, err := os.Create(path)
	require.NoError(t, err)
	defer filler.Close()
	chunk := make([]byte, 1<<20)
	for size := len(chunk); size > 0; {
		if _, err := filler.Write(chunk[:size]); err != nil {
			require.ErrorIs(t, err, syscall.ENOSPC)
			size /= 2
		}
	}
	return func() { require.NoError(t, os.Remove(path)) }
}

// databaseDiskIsFull fills MariaDB's disk. InnoDB aborts the server when it cannot even roll back.
func (w *wiki) databaseDiskIsFull(t *testing.T) {
	free := fill(t, w.volumeFolder(t, "mediawiki-db"))
	accepted := map[string]string{}
	var refused error
	for n := 0; refused == nil; n++ {
		require.Less(t, n, 100, "edits on a full disk")
		title, text := fmt.Sprintf("Full/%d", n), strings.Repeat(fmt.Sprintf("%d pots of soup. ", n), 50_000)
		began := time.Now()
		if refused = w.admin.Edit(t.Context(), title, text); refused == nil {
			accepted[title] = strings.TrimSpace(text)
		}
		t.Logf("%s: %v after %s", title, refused, time.Since(began).Round(time.Millisecond))
	}
	_, err := w.anonymous().Page(t.Context(), "Main Page")
	t.Logf("a read on the full disk: %v", err)
	free()
	freed := time.Now()
	await.Success(t, "an edit is accepted", func() error { return w.admin.Edit(t.Context(), "Full", "No more.") })
	recovery := time.Since(freed).Round(time.Millisecond)
	t.Logf("%d edits were accepted on the full disk; edits are accepted again %s after space was freed", len(accepted), recovery)
	for title, text := range accepted { // one by one, because the API limits the size of a response
		texts, err := w.admin.Texts(t.Context(), title)
		require.NoError(t, err)
		assert.Equal(t, text, texts[title], "acknowledged edit of %s", title)
	}
	w.AwaitReady(t, webPods, replicas)
	w.works(t)
}

func (w *wiki) uploadsDiskIsFull(t *testing.T) {
	folder := w.volumeFolder(t, "mediawiki-uploads")
	const name = "Too_much.png"
	free := fill(t, folder)
	err := w.admin.Upload(t.Context(), name, picture(t))
	t.Logf("the upload failed: %v", err)
	require.Error(t, err, "an upload on a full disk")
	assert.NotContains(t, w.contents(t), "upload "+name)
	assert.Empty(t, checksums(t, folder, name))
	w.works(t)
	free()
	require.NoError(t, w.admin.Upload(t.Context(), name, picture(t)))
	assert.Contains(t, w.contents(t), "upload "+name)
}

func (w *wiki) backupsDiskIsFull(t *testing.T) {
	folder := w.volumeFolder(t, "mediawiki-backups")
	older := w.backUp(t)
	before := checksums(t, folder, "")
	free := fill(t, folder)
	operator, show := w.operator(t)
	err := operator.Backup(t.Context(), show)
	t.Logf("the backup failed: %v", err)
	require.ErrorContains(t, err, "Backup failed; existing backups are unchanged")
	require.ErrorContains(t, err, "No space left on device")
	free()
	assert.Equal(t, []string{older}, w.backupNames(t))
	assert.Equal(t, before, checksums(t, folder, ""), "files on the volume")
	w.backUp(t)
}

// checksums returns the checksum of each file below a folder whose path ends in suffix.
func checksums(t *testing.T, folder, suffix string) map[string]string {
	t.Helper()
	found := map[string]string{}
	require.NoError(t, filepath.WalkDir(folder, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() || !strings.HasSuffix(path, suffix) {
			return err
		}
		content, err := os.ReadFile(path) //nolint:gosec // only the wiki writes there
		found[strings.TrimPrefix(path, folder)] = fmt.Sprintf("%x", sha256.Sum256(content))
		return err
	}))
	return found
}
