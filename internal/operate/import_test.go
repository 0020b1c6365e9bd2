package operate_test

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	batchv1 "k8s.io/api/batch/v1"
)

// images are the files of a wiki's $wgUploadDirectory, including those that an import omits.
var images = map[string]string{
	"a/ab/Soup.png": "soup", "archive/a/ab/2026!Soup.png": "older soup", "deleted/x/y/z/xyz.png": "gone soup",
	"thumb/a/ab/Soup.png/120px-Soup.png": "small soup", "temp/c/cd/2026!soup.png": "half a soup", "README": "about soups",
}

// imported are the files that an import sends.
var imported = map[string]string{
	"uploads/a/ab/Soup.png": "soup", "uploads/archive/a/ab/2026!Soup.png": "older soup", "uploads/deleted/x/y/z/xyz.png": "gone soup",
	"uploads/README": "about soups", "database": dumpText,
}

const dumpText = "-- MariaDB dump\nCREATE TABLE `page` (`page_id` int);\n-- Dump completed\n"

// folderOf writes files into a subdirectory of a new directory, and returns the new directory.
func folderOf(t *testing.T, below string, files map[string]string) string {
	t.Helper()
	folder := t.TempDir()
	for name, text := range files {
		path := filepath.Join(folder, below, name)
		require.NoError(t, os.MkdirAll(filepath.Dir(path), 0o755))
		require.NoError(t, os.WriteFile(path, []byte(text), 0o600))
	}
	return folder
}

// tarOf writes a tar of files in a directory, and returns its path.
func tarOf(t *testing.T, below string, compressed bool, files map[string]string) string {
	t.Helper()
	var packed bytes.Buffer
	out := io.WriteCloser(struct {
		io.Writer
		io.Closer
	}{&packed, io.NopCloser(nil)})
	if compressed {
		out = gzip.NewWriter(&packed)
	}
	archive := tar.NewWriter(out)
	require.NoError(t, archive.AddFS(os.DirFS(folderOf(t, below, files))))
	require.NoError(t, archive.Close())
	require.NoError(t, out.Close())
	path := filepath.Join(t.TempDir(), "images.tar")
	require.NoError(t, os.WriteFile(path, packed.Bytes(), 0o600))
	return path
}

func aDump(t *testing.T) string {
	t.Helper()
	return filepath.Join(folderOf(t, "", map[string]string{"dump.sql": dumpText}), "dump.sql")
}

// importing imports into a new wiki, and returns the files that its Job receives.
func importing(t *testing.T, end batchv1.JobConditionType, words, dump, uploads string) (map[string]string, error) {
	t.Helper()
	wiki, _ := clusterOf(t, end, words, aBackupCronJob(), aMigration("mediawiki-migration-1", 1, true))
	given := map[string]string{}
	wiki.Attach = func(_ context.Context, _, _, _ string, input io.Reader) error {
		for files := tar.NewReader(input); ; {
			header, err := files.Next()
			if errors.Is(err, io.EOF) {
				return nil
			}
			if err != nil {
				return err
			}
			content := io.Reader(files)
			if header.Name == "database" {
				if content, err = gzip.NewReader(files); err != nil {
					return err
				}
			}
			text, err := io.ReadAll(content)
			if err != nil {
				return err
			}
			if header.Name == "sent.json" {
				assert.Contains(t, string(text), fmt.Sprintf(`,"files":%d,"bytes":`, len(given)-1), "all but the dump")
				continue
			}
			given[header.Name] = string(text)
			if header.Typeflag == tar.TypeLink {
				given[header.Name] = given[header.Linkname]
			}
		}
	}
	return given, wiki.Import(t.Context(), dump, uploads, func(string) {})
}

func TestImportFindsUploadsInFoldersAndArchives(t *testing.T) {
	for name, uploads := range map[string]string{
		"the folder itself":           folderOf(t, "", images),
		"a folder with it":            folderOf(t, "wiki/images", images),
		"a tar of it":                 tarOf(t, "", false, images),
		"a compressed tar, with path": tarOf(t, "var/www/html/images", true, images),
	} {
		t.Run(name, func(t *testing.T) {
			given, err := importing(t, batchv1.JobComplete, "", aDump(t), uploads)
			require.NoError(t, err)
			assert.Equal(t, imported, given)
		})
	}
	t.Run("nowhere", func(t *testing.T) {
		given, err := importing(t, batchv1.JobComplete, "", aDump(t), "")
		require.NoError(t, err)
		assert.Equal(t, map[string]string{"database": dumpText}, given)
	})
}

func TestImportOfAMissingFileStartsNothing(t *testing.T) {
	whole := tarOf(t, "images", true, images)
	text, err := os.ReadFile(whole)
	require.NoError(t, err)
	cut := filepath.Join(t.TempDir(), "cut.tar.gz")
	require.NoError(t, os.WriteFile(cut, text[:20], 0o600))
	for name, c := range map[string]struct{ dump, uploads, want string }{
		"no dump":                    {filepath.Join(t.TempDir(), "none.sql"), "", "no such file"},
		"no uploads":                 {aDump(t), filepath.Join(t.TempDir(), "none"), "no such file"},
		"a folder of something else": {aDump(t), folderOf(t, "", map[string]string{"notes.txt": "x"}), "tar -chzf images.tar.gz images"},
		"a tar that was cut off":     {aDump(t), cut, "it is truncated"},
	} {
		t.Run(name, func(t *testing.T) {
			given, err := importing(t, batchv1.JobComplete, "", c.dump, c.uploads)
			require.ErrorContains(t, err, c.want)
			assert.Empty(t, given)
		})
	}
}

func TestImportIntoAWikiThatIsNotEmptyReadsNothing(t *testing.T) {
	folder := folderOf(t, "", map[string]string{"x.sql": "no dump"})
	given, err := importing(t, batchv1.JobFailed, notEmpty, filepath.Join(folder, "x.sql"), "")
	require.ErrorContains(t, err, notEmpty)
	require.ErrorContains(t, err, "Job mediawiki-check-import-1")
	assert.Empty(t, given)
}

func TestImportIsSentToOnePodOnly(t *testing.T) {
	wiki, made := clusterOf(t, batchv1.JobComplete, "", aBackupCronJob(), aMigration("mediawiki-migration-1", 1, true))
	wiki.Attach = func(_ context.Context, _, _, _ string, input io.Reader) error {
		_, err := io.Copy(io.Discard, input)
		return err
	}
	require.NoError(t, wiki.Import(t.Context(), aDump(t), "", func(string) {}))
	assert.Nil(t, made().Spec.PodFailurePolicy)
	assert.Equal(t, int32(0), *made().Spec.BackoffLimit)
	container := made().Spec.Template.Spec.Containers[0]
	assert.True(t, container.Stdin && container.StdinOnce)
	assert.Equal(t, []string{"sh", "run.sh", "import"}, container.Command)
}
