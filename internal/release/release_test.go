package release

import (
	"testing"

	"github.com/stretchr/testify/assert"
)

func TestVersionForPulumiIsThatOfTheRepository(t *testing.T) {
	const revision = "65a1a5b9590c0123456789abcdef0123456789ab"
	for version, want := range map[string]string{
		"v1.2.3": "1.2.3", "v1.2.3-4-g0123abc": "1.2.3-4-g0123abc", "v1.2.3+dirty": "1.2.3+dirty", "(devel)": "0.0.0",
		"v0.0.0-20261128150240-65a1a5b9590c":         "0.0.0-x" + revision,
		"v1.2.4-0.20261128150240-65a1a5b9590c+dirty": "0.0.0-x" + revision,
	} {
		assert.Equal(t, want, semantic(version, revision), version)
	}
	assert.Equal(t, "0.0.0-20261128150240-65a1a5b9590c", semantic("v0.0.0-20261128150240-65a1a5b9590c", ""))
}
