package wiki

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// unknownParametersAreIgnored requests a script that pages load, with parameters that MediaWiki does not read.
func (w *wiki) unknownParametersAreIgnored(t *testing.T) {
	const script = "/load.php?modules=startup&only=scripts&raw=1&lang=en&skin=vector-2022"
	const requests = 4 * caches
	hits, texts := 0, map[string]bool{} // the caches may have fetched the script at different times
	for n := range requests {
		text, hit, err := readPage(t.Context(), w.anonymous(), fmt.Sprintf("%s&n=%d", script, n))
		require.NoError(t, err)
		texts[text] = true
		if hit {
			hits++
		}
	}
	assert.GreaterOrEqual(t, hits, requests-caches, "answers from a cache")
	assert.LessOrEqual(t, len(texts), caches)
	other, _, err := readPage(t.Context(), w.anonymous(), script+"&n=1&lang=de")
	require.NoError(t, err)
	assert.NotContains(t, texts, other, "the last of two languages counts")
	assert.Contains(t, other, `"lang":"de"`)
}
