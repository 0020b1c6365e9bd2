package components

import (
	"os"
	"path/filepath"
	"regexp"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// newerPHP matches what PHP has since 8.2, as far as regular expressions can tell: https://www.php.net/manual/en/appendices.php
var newerPHP = regexp.MustCompile(`(?m)` +
	// 8.2: classes that are readonly as a whole, types of one value, new functions, and iterator functions for arrays
	`\breadonly\s+class\b|\):\s*(null|true|false)\s*[{;]|\b(execute_query|ini_parse_quantity|memory_reset_peak_usage|curl_upkeep)\s*\(|` +
	`#\[\\?(SensitiveParameter|AllowDynamicProperties|Override|Deprecated|NoDiscard)\b|` +
	// 8.3: constants with a type, new functions
	`\bconst\s+\??(string|int|float|bool|array|iterable|mixed|self|static)\s+\w+\s*=|` +
	`\b(json_validate|mb_str_pad|str_(in|de)crement|stream_context_set_options|posix_sysconf)\s*\(|` +
	// 8.4 and 8.5: methods of a new object without parentheses around it, properties with hooks or two visibilities, new functions, pipes
	`[^(]\bnew\s+[\w\\]+\([^()]*\)->|\b(public|protected|private)\(set\)|` +
	`\b(array_(find|find_key|any|all|first|last)|mb_(trim|ltrim|rtrim|ucfirst|lcfirst)|request_parse_body|fpow)\s*\(|\|>`)

func TestPHPRunsInTheOldestImages(t *testing.T) {
	paths, err := filepath.Glob("files/mediawiki/*/*.php")
	require.NoError(t, err)
	require.NotEmpty(t, paths)
	for _, path := range paths {
		text, err := os.ReadFile(path)
		require.NoError(t, err)
		assert.Empty(t, newerPHP.FindAllString(string(text), -1),
			"%s: official images of MediaWiki 1.39.15, 1.43.5 and older have PHP 8.1", path)
	}
}
