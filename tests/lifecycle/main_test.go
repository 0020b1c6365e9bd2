package lifecycle

import (
	"testing"

	"github.com/mediawiki-stack/mediawiki-stack/tests/internal/engine"
)

func TestMain(m *testing.M) { engine.Main(m, "test-lifecycle") }

// newStack creates an empty stack like the recipe's: MariaDB beside MediaWiki in each Pod, without a volume.
func newStack(t *testing.T, name, masterSecret string) *engine.Stack {
	t.Helper()
	options := engine.Options{Settings: map[string]any{"database.mode": "sidecar"}}
	if masterSecret != "" {
		options.Secrets = map[string]string{"masterSecret": masterSecret}
	}
	return engine.NewStack(t, name, options)
}
