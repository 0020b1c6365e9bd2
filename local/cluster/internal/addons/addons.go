// Package addons holds the objects that every cluster has: DNS, the default storage class, and roles for its programs.
package addons

import (
	"bytes"
	"context"
	_ "embed"
	"fmt"
	"os/exec"

	"github.com/mediawiki-stack/mediawiki-stack/local/cluster/internal/images"
)

//go:embed addons.yaml
var manifests []byte

// CoreDNSImage is CoreDNS's image in the manifests.
const CoreDNSImage = "localhost/coredns:local"

// CoreDNS returns the image of the cluster's DNS server, whose binary is at path.
func CoreDNS(path string) images.Image {
	return images.Image{Reference: CoreDNSImage, Binary: path, User: "0"}
}

// Apply creates or updates the addons' objects. self is the path of this binary.
func Apply(ctx context.Context, self, kubeconfig string) error {
	cmd := exec.CommandContext(ctx, self, "run", "kubectl", "--kubeconfig", kubeconfig,
		"apply", "--server-side", "--force-conflicts", "-f", "-")
	cmd.Stdin = bytes.NewReader(manifests)
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("applying the addons: %w\n%s", err, out)
	}
	return nil
}
