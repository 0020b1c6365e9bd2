package operate_test

import (
	"archive/tar"
	"archive/zip"
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"io"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	batchv1 "k8s.io/api/batch/v1"
)

// sendsUploads imports uploads, and returns the paths of the files that were sent and the messages.
func sendsUploads(t *testing.T, from string) (sent []string, said string, err error) {
	t.Helper()
	wiki, _ := clusterOf(t, batchv1.JobComplete, "", aBackupCronJob(), aMigration("mediawiki-migration-1", 1, true))
	wiki.Attach = func(_ context.Context, _, _, _ string, input io.Reader) error {
		for files := tar.NewReader(input); ; {
			header, err := files.Next()
			if err != nil {
				if errors.Is(err, io.EOF) {
					return nil
				}
				return err
			}
			if name, is := strings.CutPrefix(header.Name, "uploads/"); is {
				sent = append(sent, name)
			}
		}
	}
	var lines []string
	err = wiki.Import(t.Context(), aDump(t), from, func(line string) { lines = append(lines, line) })
	slices.Sort(sent)
	return sent, strings.Join(lines, "\n"), err
}

func inTestdata(name string) string { return filepath.Join("testdata", "import", name) }

// tarWith writes a tar of entries, and returns its path.
func tarWith(t *testing.T, entries ...*tar.Header) string {
	t.Helper()
	var packed bytes.Buffer
	archive := tar.NewWriter(&packed)
	for _, header := range entries {
		header.Mode = 0o644
		if header.Typeflag == 0 {
			header.Size = 4
		}
		require.NoError(t, archive.WriteHeader(header))
		if header.Size > 0 {
			_, err := archive.Write([]byte("soup"))
			require.NoError(t, err)
		}
	}
	require.NoError(t, archive.Close())
	path := filepath.Join(t.TempDir(), "images.tar")
	require.NoError(t, os.WriteFile(path, packed.Bytes(), 0o600))
	return path
}

func TestTargetsOfLinksAreSent(t *testing.T) {
	soup := &tar.Header{Name: "images/a/ab/Soup.png"}
	t.Run("in a tar", func(t *testing.T) {
		sent, said, err := sendsUploads(t, tarWith(t,
			&tar.Header{Name: "images/d/de/Before.png", Typeflag: tar.TypeSymlink, Linkname: "../../a/ab/Soup.png"},
			soup,
			&tar.Header{Name: "images/b/bc/Hard.png", Typeflag: tar.TypeLink, Linkname: "images/a/ab/Soup.png"},
			&tar.Header{Name: "images/c", Typeflag: tar.TypeSymlink, Linkname: "../disk/c"},
			&tar.Header{Name: "disk/c/cd/Far.png"},
			&tar.Header{Name: "images/a/loop", Typeflag: tar.TypeSymlink, Linkname: ".."},
			&tar.Header{Name: "images/a/fifo", Typeflag: tar.TypeFifo},
		))
		require.NoError(t, err)
		assert.Equal(t, []string{"a/ab/Soup.png", "b/bc/Hard.png", "c/cd/Far.png", "d/de/Before.png"}, sent)
		for _, want := range []string{
			"uploads: 4 files, 0.0 MB", "omitted: 1 file (a link to a directory that contains it), such as images/a/loop",
			"omitted: 1 file (neither a file nor a directory), such as images/a/fifo",
			"omitted: 1 file (outside of images/), such as disk/c/cd/Far.png",
		} {
			assert.Contains(t, said, want)
		}
	})
	t.Run("in a folder", func(t *testing.T) {
		folder, disk := folderOf(t, "images", images), folderOf(t, "c", map[string]string{"cd/Far.png": "far"})
		require.NoError(t, os.Symlink(filepath.Join(disk, "c"), filepath.Join(folder, "images", "c")))
		require.NoError(t, os.Symlink("ab/Soup.png", filepath.Join(folder, "images", "a", "Again.png")))
		require.NoError(t, os.Symlink("..", filepath.Join(folder, "images", "a", "loop")))
		require.NoError(t, syscall.Mkfifo(filepath.Join(folder, "images", "fifo"), 0o600))
		sent, said, err := sendsUploads(t, folder)
		require.NoError(t, err)
		assert.Equal(t, []string{
			"README", "a/Again.png", "a/ab/Soup.png", "archive/a/ab/2026!Soup.png", "c/cd/Far.png", "deleted/x/y/z/xyz.png",
		}, sent)
		assert.Contains(t, said, "such as images/fifo")
		assert.Contains(t, said, "in thumb/, which MediaWiki creates again")
	})
}

func TestUploadsThatWouldBeLostAreRefusedBeforeAnythingStarts(t *testing.T) {
	whole, err := os.ReadFile(tarOf(t, "images", false, images))
	require.NoError(t, err)
	written := func(name string, content []byte) string {
		path := filepath.Join(t.TempDir(), name)
		require.NoError(t, os.WriteFile(path, content, 0o600))
		return path
	}
	dangling := folderOf(t, "images", images)
	require.NoError(t, os.Symlink("/nowhere/c", filepath.Join(dangling, "images", "c")))
	lastEntry := bytes.LastIndex(whole, []byte("ustar")) + 1
	entryEnd := (lastEntry/512 + 2) * 512
	for name, c := range map[string]struct{ from, want string }{
		"links to another disk": {
			inTestdata("images-links.tar.gz"), "d is a symbolic link to /mnt/bigdisk/d, which is not in the archive|tar -chzf",
		},
		"links of GNU tar":                        {inTestdata("images-hardlink-gnu.tar"), "d is a symbolic link to"},
		"an archive that was cut off":             {inTestdata("images-cut-off.tar.gz"), "it is truncated"},
		"a tar that ends between two files":       {written("cut.tar", whole[:entryEnd]), "it is truncated"},
		"two tars in one file":                    {written("two.tar", slices.Concat(whole, whole)), "more data follows its end"},
		"a link in a folder to what is not there": {dangling, "images/c cannot be read: no such file|find images -xtype l"},
		"a tar packed by xz":                      {written("images.tar.xz", []byte("\xfd7zXZ\x00...")), "xz -dk"},
		"an archive of another kind":              {written("images.7z", []byte("7z\xbc\xaf\x27\x1c")), "unpack it"},
		"no archive":                              {written("images.txt", bytes.Repeat([]byte("soup "), 500)), "neither a zip nor a tar"},
		"a hard link to a file that the archive has not": {tarWith(t,
			&tar.Header{Name: "images/a/ab/Soup.png"},
			&tar.Header{Name: "images/b/bc/Hard.png", Typeflag: tar.TypeLink, Linkname: "elsewhere/Soup.png"},
		), "images/b/bc/Hard.png is a hard link to elsewhere/Soup.png"},
	} {
		t.Run(name, func(t *testing.T) {
			sent, _, err := sendsUploads(t, c.from)
			for _, want := range strings.Split(c.want, "|") {
				require.ErrorContains(t, err, want)
			}
			assert.Empty(t, sent)
			assert.NotContains(t, err.Error(), "Job")
		})
	}
}

func TestUploadsOfOtherLayoutsAreAccepted(t *testing.T) {
	zipped := filepath.Join(t.TempDir(), "images.zip")
	out, err := os.Create(zipped)
	require.NoError(t, err)
	archive := zip.NewWriter(out)
	require.NoError(t, archive.AddFS(os.DirFS(folderOf(t, "images", images))))
	require.NoError(t, archive.Close())
	require.NoError(t, out.Close())
	names := func(files map[string]string) []string {
		var found []string
		for name := range files {
			if upload, is := strings.CutPrefix(name, "uploads/"); is {
				found = append(found, upload)
			}
		}
		slices.Sort(found)
		return found
	}
	others := maps.Clone(images)
	maps.Copy(others, map[string]string{"../resources/a/ab/x.png": "", "../index.php": "", ".htaccess": ""})
	for name, c := range map[string]struct {
		from string
		want []string
	}{
		"a zip":                        {zipped, names(imported)},
		"beside the rest of MediaWiki": {folderOf(t, "wiki/images", others), names(imported)},
		"$wgHashedUploadDirectory = false": {
			inTestdata("images-unhashed.tar.gz"), []string{"1/16/Blue.png", "3/31/Red.png"},
		},
		"the same, with older and deleted files": {folderOf(t, "images", map[string]string{
			"Red.png": "red", "archive/20260101000000!Red.png": "old red", "deleted/abcdef.png": "gone",
		}), []string{"3/31/Red.png", "archive/3/31/20260101000000!Red.png", "deleted/a/b/c/abcdef.png"}},
		"names that lead out of the archive": {inTestdata("images-dotdot.tar.gz"), []string{"a/ab/First.jpg"}},
	} {
		t.Run(name, func(t *testing.T) {
			sent, said, err := sendsUploads(t, c.from)
			require.NoError(t, err, said)
			assert.Equal(t, c.want, sent)
		})
	}
}

// TestIncompleteTransferHasNoEndMark: GNU tar accepts a tar that is truncated between two files.
func TestIncompleteTransferHasNoEndMark(t *testing.T) {
	folder := folderOf(t, "images", images)
	wiki, _ := clusterOf(t, batchv1.JobFailed, "the upload was cut off", aBackupCronJob(), aMigration("mediawiki-migration-1", 1, true))
	var ended error
	var got []string
	wiki.Attach = func(_ context.Context, _, _, _ string, input io.Reader) error {
		if err := os.Remove(filepath.Join(folder, "images", "deleted", "x", "y", "z", "xyz.png")); err != nil {
			return err
		}
		for files := tar.NewReader(input); ended == nil; {
			var header *tar.Header
			if header, ended = files.Next(); ended == nil {
				got = append(got, header.Name)
			}
		}
		return ended
	}
	err := wiki.Import(t.Context(), aDump(t), folder, func(string) {})
	require.ErrorContains(t, err, "xyz.png: no such file")
	require.ErrorContains(t, err, "the upload was cut off")
	require.NotErrorIs(t, ended, io.EOF)
	assert.NotContains(t, got, "sent.json")
	assert.Contains(t, got, "uploads/a/ab/Soup.png")
}

func TestGzipIsReadToItsChecksum(t *testing.T) {
	var packed bytes.Buffer
	out := gzip.NewWriter(&packed)
	whole, err := os.ReadFile(tarOf(t, "images", false, images))
	require.NoError(t, err)
	_, err = out.Write(whole)
	require.NoError(t, err)
	require.NoError(t, out.Close())
	path := filepath.Join(t.TempDir(), "images.tar.gz")
	require.NoError(t, os.WriteFile(path, packed.Bytes()[:packed.Len()-8], 0o600))
	_, _, err = sendsUploads(t, path)
	require.ErrorContains(t, err, "it is truncated")
}
