package unit

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/require"
	"gopkg.in/yaml.v3"

	"github.com/mediawiki-stack/mediawiki-stack/internal/config"
)

func TestCommittedStacksAreGood(t *testing.T) {
	for _, stack := range []string{"rpi", "recipe", "local"} {
		t.Run(stack, func(t *testing.T) {
			var file struct {
				Config map[string]any `yaml:"config"`
			}
			require.NoError(t, yaml.Unmarshal(projectFile(t, "Pulumi."+stack+".yaml"), &file))
			values := make(map[string]string)
			for key, value := range file.Config {
				values[key[len("mediawiki:"):]] = jsonText(t, value)
			}
			_, err := config.Load(projectFile(t, "Pulumi.yaml"), raw(values))
			require.NoError(t, err)
		})
	}
}

// jsonText is a configuration value as the engine hands it over: plain for a scalar, JSON for an object.
func jsonText(t *testing.T, value any) string {
	t.Helper()
	if text, ok := value.(string); ok {
		return text
	}
	text, err := json.Marshal(value)
	require.NoError(t, err)
	return string(text)
}
