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

// tagAgain adds another tag to the embedded cluster's MediaWiki image until the test ends. Kubernetes and the engine treat it as another
// image, and no registry is needed.
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

// containerdImages runs a `ctr images` command on the cluster's first node.
func containerdImages(ctx context.Context, args ...string) error {
	socket := filepath.Join("/run/mediawiki-stack", os.Getenv("CLUSTER"), "1", "containerd.sock")
	cmd := exec.CommandContext(ctx, "ctr", append([]string{"--address", socket, "--namespace", "k8s.io", "images"}, args...)...)
	cmd.Stderr = os.Stderr
	return cmd.Run()
}
