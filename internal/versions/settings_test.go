package versions_test

import (
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/mediawiki-stack/mediawiki-stack/internal/config"
	"github.com/mediawiki-stack/mediawiki-stack/internal/versions"
)

func TestEverySettingOfAnImageIsInTheTable(t *testing.T) {
	project, err := os.ReadFile("../../Pulumi.yaml")
	require.NoError(t, err)
	schema, err := config.ParseSchema(project)
	require.NoError(t, err)
	inSchema, inTable := map[string]any{}, map[string]any{}
	for _, key := range schema.Keys() {
		if strings.HasPrefix(key, "images.") {
			inSchema[key] = schema[key].Default
		}
	}
	for _, image := range versions.Images {
		inTable[image.Key] = image.Default
	}
	assert.Equal(t, inSchema, inTable)
}
