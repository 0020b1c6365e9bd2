package unit

import (
	"os"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/mediawiki-stack/mediawiki-stack/internal/config"
)

func projectFile(t *testing.T, name string) []byte {
	t.Helper()
	text, err := os.ReadFile("../../" + name)
	require.NoError(t, err)
	return text
}

// raw is what the engine hands over for a stack with a good master secret and the given values.
func raw(values map[string]string) *config.Raw {
	r := &config.Raw{
		Project: "mediawiki", Stack: "test",
		Values: map[string]string{"mediawiki:masterSecret": canary},
		Secret: map[string]bool{"mediawiki:masterSecret": true},
	}
	for key, value := range values {
		r.Values["mediawiki:"+key] = value
	}
	return r
}
