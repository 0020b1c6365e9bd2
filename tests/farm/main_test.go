package farm

import (
	"testing"

	"github.com/mediawiki-stack/mediawiki-stack/tests/internal/engine"
)

func TestMain(m *testing.M) { engine.Main(m, "test-farm") }
