package lifecycle

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/mediawiki-stack/mediawiki-stack/tests/internal/engine"
)

// tagAgain gives the embedded cluster's MediaWiki image another tag until the test ends. To Kubernetes and to the engine that is
// another image, and it needs no registry to be pulled from.
func tagAgain(t *testing.T) string {
	t.Helper()
	image := engine.LocalImage(t, "mediawiki")
	tagged := image + "-again"
	require.NoError(t, containerdImages(t.Context(), "tag", "--force", image, tagged))
	t.Cleanup(func() {
		require.NoError(t, containerdImages(context.WithoutCancel(t.Context()), "rm", "--sync", tagged))
	})
	return tagged
}

// containerdImages runs a command on the images of the cluster's first node.
func containerdImages(ctx context.Context, args ...string) error {
	socket := filepath.Join("/run/mediawiki-stack", os.Getenv("CLUSTER"), "1", "containerd.sock")
	cmd := exec.CommandContext(ctx, "ctr", append([]string{"--address", socket, "--namespace", "k8s.io", "images"}, args...)...)
	cmd.Stderr = os.Stderr
	return cmd.Run()
}
