package wiki

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// unknownParametersAreIgnored requests what pages are made of with parameters that MediaWiki does not read.
func (w *wiki) unknownParametersAreIgnored(t *testing.T) {
	const script = "/load.php?modules=startup&only=scripts&raw=1&lang=en&skin=vector-2022"
	want, _, err := readPage(t.Context(), w.anonymous(), script)
	require.NoError(t, err)
	const requests = 4 * caches
	hits := 0
	for n := range requests {
		text, hit, err := readPage(t.Context(), w.anonymous(), fmt.Sprintf("%s&n=%d", script, n))
		require.NoError(t, err)
		assert.Equal(t, want, text)
		if hit {
			hits++
		}
	}
	assert.GreaterOrEqual(t, hits, requests-caches, "answers from a cache")
	other, _, err := readPage(t.Context(), w.anonymous(), script+"&n=1&lang=de")
	require.NoError(t, err)
	assert.NotEqual(t, want, other, "the last of two languages counts")
	assert.Contains(t, other, `"lang":"de"`)
}
