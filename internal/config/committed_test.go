package config_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"gopkg.in/yaml.v3"
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
				text, plain := value.(string)
				if !plain { // the engine passes a scalar as it is, and an object as JSON
					encoded, err := json.Marshal(value)
					require.NoError(t, err)
					text = string(encoded)
				}
				values[strings.TrimPrefix(key, "mediawiki:")] = text
			}
			_, err := load(t, values)
			require.NoError(t, err)
		})
	}
}
