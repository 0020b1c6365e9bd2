package node

import (
	"os"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/mediawiki-stack/mediawiki-stack/local/cluster/internal/paths"
)

func TestKubeletIsRestartedOnlyIfItsConfigurationHasChanged(t *testing.T) {
	cluster := &paths.Cluster{Name: "test", Data: t.TempDir(), Run: t.TempDir()}
	node := cluster.Node(1)
	for _, want := range []bool{true, false} {
		restart, err := Configure(node)
		require.NoError(t, err)
		assert.Equal(t, want, restart)
	}
	require.NoError(t, os.WriteFile(node.Dir("kubelet.yaml"), []byte("localStorageCapacityIsolation: false\n"), 0o600))
	restart, err := Configure(node)
	require.NoError(t, err)
	assert.True(t, restart, "the file of an older version of this program")
}
