package components

import (
	"os"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestProviderThatDoesNotAdoptIsRefused(t *testing.T) {
	for _, version := range []string{"", "(devel)", "v4.25.0", "v4.28.3"} {
		require.NoError(t, checkProvider(version), version)
	}
	for _, version := range []string{"v4.29.0", "v4.32.0", "v5.0.0"} {
		assert.ErrorContains(t, checkProvider(version), "go get github.com/pulumi/pulumi-kubernetes/sdk/v4@v4.25.0", version)
	}
}

func TestTestedProviderIsThatOfTheModule(t *testing.T) {
	module, err := os.ReadFile("../go.mod")
	require.NoError(t, err)
	assert.Contains(t, string(module), providerModule+" "+testedProvider)
}
