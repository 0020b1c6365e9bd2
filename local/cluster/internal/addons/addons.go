// Package addons holds what a cluster has from the start: DNS, the default storage class, and the rights of its programs.
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

// CoreDNSImage is the image that the manifests name.
const CoreDNSImage = "localhost/coredns:local"

// CoreDNS is the cluster's DNS server, from the binary at path.
func CoreDNS(path string) images.Image {
	return images.Image{Reference: CoreDNSImage, Binary: path, User: "0"}
}

// Apply makes the addons' objects what they should be. self is the path of this binary.
func Apply(ctx context.Context, self, kubeconfig string) error {
	cmd := exec.CommandContext(ctx, self, "run", "kubectl", "--kubeconfig", kubeconfig,
		"apply", "--server-side", "--force-conflicts", "-f", "-")
	cmd.Stdin = bytes.NewReader(manifests)
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("applying the addons: %w\n%s", err, out)
	}
	return nil
}
