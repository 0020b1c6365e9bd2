package config_test

import (
	"os"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/mediawiki-stack/mediawiki-stack/internal/config"
)

// masterSecret is a secret that no message may repeat.
const masterSecret = "canary-master-secret-0123456789"

func projectFile(t *testing.T, name string) []byte {
	t.Helper()
	text, err := os.ReadFile("../../" + name)
	require.NoError(t, err)
	return text
}

// raw returns what the engine passes to the program of a stack with a good master secret and these values.
func raw(values map[string]string) *config.Raw {
	r := &config.Raw{
		Project: "mediawiki", Stack: "test",
		Values: map[string]string{"mediawiki:masterSecret": masterSecret},
		Secret: map[string]bool{"mediawiki:masterSecret": true},
	}
	for key, value := range values {
		r.Values["mediawiki:"+key] = value
	}
	return r
}

// load reads the configuration of a stack with a good master secret and these values.
func load(t *testing.T, values map[string]string) (*config.Config, error) {
	t.Helper()
	return config.Load(projectFile(t, "Pulumi.yaml"), raw(values))
}
