package wiki

import (
	"os"
	"testing"
	"time"

	"github.com/mediawiki-stack/mediawiki-stack/tests/internal/engine"
)

func TestMain(m *testing.M) { engine.Main(m, "test-wiki") }

// soaking is whether there is time for more than a development needs.
var soaking = os.Getenv("SOAK") != ""

// points is how many points of an installation the tests cut the power at.
func points[T int | time.Duration](usual, soak T) T {
	if soaking {
		return soak
	}
	return usual
}
