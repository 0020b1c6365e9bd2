package wiki

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func (w *wiki) brokenBackupIsRefused(t *testing.T) {
	name := w.backUp(t)
	folder := filepath.Join(w.volumeFolder(t, "mediawiki-backups"), name)
	uploads, err := filepath.Glob(folder + "/uploads/?/??/*")
	require.NoError(t, err)
	require.NotEmpty(t, uploads)
	before := w.contents(t)
	files := map[string]string{
		"a byte of the dump": folder + "/database.sql.zst", "a byte of an upload": uploads[0],
		"the list of uploads": folder + "/uploads.sha256",
	}
	for _, what := range cases(1, files) {
		file := files[what]
		t.Run(what, func(t *testing.T) {
			whole, err := os.ReadFile(file)
			require.NoError(t, err)
			info, err := os.Stat(file)
			require.NoError(t, err)
			broken := slices.Clone(whole)
			broken[len(broken)/2] ^= 1
			require.NoError(t, os.WriteFile(file, broken, info.Mode()))
			defer func() { assert.NoError(t, os.WriteFile(file, whole, info.Mode())) }()
			err = w.restore(t, name)
			require.ErrorContains(t, err, "is damaged")
			assert.Equal(t, before, w.contents(t))
		})
	}
	thorough(t, "a missing row fails a drill", func(t *testing.T) {
		forge(t, folder+"/manifest.json", `"page": \d+`, `"page": 1000000`)
		operator, show := w.operator(t)
		require.ErrorContains(t, operator.Drill(t.Context(), name, show), "after loading the dump, and had 1000000")
		assert.NoFileExists(t, folder+"/proven")
	})
	t.Run("a backup of another wiki", func(t *testing.T) {
		forge(t, folder+"/manifest.json", `"wiki": "[0-9a-f]+"`, `"wiki": "0123456789abcdef"`)
		err := w.restore(t, name)
		require.ErrorContains(t, err, "a backup of another wiki")
		require.ErrorContains(t, err, "backups.restoreFrom "+name)
		assert.Equal(t, before, w.contents(t))
	})
	thorough(t, "a name that does not exist", func(t *testing.T) {
		require.ErrorContains(t, w.restore(t, "20010101T000000Z"), "there are: ")
		assert.Equal(t, before, w.contents(t))
	})
}

// forge replaces a pattern in a file until the test ends.
func forge(t *testing.T, file, pattern, replacement string) {
	t.Helper()
	whole, err := os.ReadFile(file)
	require.NoError(t, err)
	forged := regexp.MustCompile(pattern).ReplaceAll(whole, []byte(replacement))
	require.NotEqual(t, whole, forged)
	require.NoError(t, os.WriteFile(file, forged, 0o644))
	t.Cleanup(func() { assert.NoError(t, os.WriteFile(file, whole, 0o644)) })
}
