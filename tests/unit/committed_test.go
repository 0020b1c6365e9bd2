package unit

import (
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
