package imagevolumes

import (
	"archive/tar"
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/mediawiki-stack/mediawiki-stack/tests/internal/node"
)

// files are contents by path.
type files map[string][]byte

// readFolder reads the files below a folder, as if the folder had this name.
func readFolder(t *testing.T, folder, name string) files {
	t.Helper()
	found := files{}
	read := os.DirFS(folder)
	require.NoError(t, fs.WalkDir(read, ".", func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		found[name+"/"+path], err = fs.ReadFile(read, path)
		return err
	}))
	return found
}

// pack returns a tar.
func (f files) pack(t *testing.T) []byte {
	t.Helper()
	var packed bytes.Buffer
	archive := tar.NewWriter(&packed)
	for _, name := range slices.Sorted(maps.Keys(f)) {
		require.NoError(t, archive.WriteHeader(&tar.Header{Name: name, Mode: 0o644, Size: int64(len(f[name]))}))
		_, err := archive.Write(f[name])
		require.NoError(t, err)
	}
	require.NoError(t, archive.Close())
	return packed.Bytes()
}

// importImage gives the node an image that has only these files, in the format of docker save.
func importImage(t *testing.T, reference string, content files) {
	t.Helper()
	layer := content.pack(t)
	sum := sha256.Sum256(layer)
	image := files{"layer.tar": layer}
	for name, object := range map[string]any{
		"config.json": map[string]any{
			"architecture": runtime.GOARCH, "os": "linux",
			"rootfs": map[string]any{"type": "layers", "diff_ids": []string{"sha256:" + hex.EncodeToString(sum[:])}},
		},
		"manifest.json": []map[string]any{{"Config": "config.json", "RepoTags": []string{reference}, "Layers": []string{"layer.tar"}}},
	} {
		text, err := json.Marshal(object)
		require.NoError(t, err)
		image[name] = text
	}
	folder := t.TempDir()
	require.NoError(t, os.WriteFile(filepath.Join(folder, "image.tar"), image.pack(t), 0o600))
	node.Import(t, folder)
}
