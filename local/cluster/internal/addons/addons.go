// Package addons holds the objects that every cluster has: DNS, the default storage class, and roles for its programs; and those of the
// ingress controller and cert-manager, which some have.
package addons

import (
	"bytes"
	"context"
	_ "embed"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"

	"github.com/mediawiki-stack/mediawiki-stack/local/cluster/internal/images"
)

//go:embed addons.yaml
var manifests []byte

//go:embed ingress.yaml
var ingressManifests []byte

// CoreDNS returns the image of the cluster's DNS server, whose binary is at path.
func CoreDNS(path string) images.Image {
	return images.Image{Reference: "localhost/coredns:local", Binary: path, User: "0"}
}

// ingressPrograms are the ingress controller, and the controllers for its certificates. local/tools builds them.
var ingressPrograms = []string{"traefik", "cert-manager"}

// Ingress returns the images of the ingress controller and cert-manager. If their programs are not on the PATH, the images can only be
// found, not built.
func Ingress() []images.Image {
	list := make([]images.Image, 0, len(ingressPrograms))
	for _, program := range ingressPrograms {
		path, err := exec.LookPath(program)
		if err != nil {
			path = program
		}
		// The solver of ACME challenges runs as the image's user, in namespaces that admit only numbers.
		list = append(list, images.Image{Reference: "localhost/" + program + ":local", Binary: path, User: "65532"})
	}
	return list
}

// CheckIngress returns an error unless the programs of the ingress controller and cert-manager are on the PATH.
func CheckIngress() error {
	for _, program := range ingressPrograms {
		if _, err := exec.LookPath(program); err != nil {
			return fmt.Errorf("%w\n  type: make up INGRESS=yes", err)
		}
	}
	return nil
}

// Apply creates or updates the addons' objects. self is the path of this binary.
func Apply(ctx context.Context, self, kubeconfig string) error {
	return apply(ctx, self, kubeconfig, "-", manifests)
}

// ApplyIngress creates or updates the objects of the ingress controller and cert-manager. The definitions of cert-manager's kinds are
// beside its program, and stay as they are if that is not on the PATH.
func ApplyIngress(ctx context.Context, self, kubeconfig string) error {
	if program, err := exec.LookPath("cert-manager"); err == nil {
		kinds := filepath.Join(filepath.Dir(program), "crds")
		if _, err := os.Stat(kinds); err != nil {
			return err
		}
		if err := apply(ctx, self, kubeconfig, kinds, nil); err != nil {
			return err
		}
	}
	return apply(ctx, self, kubeconfig, "-", ingressManifests)
}

// apply applies the manifests of a file or folder, or those given if it is "-".
func apply(ctx context.Context, self, kubeconfig, file string, given []byte) error {
	cmd := exec.CommandContext(ctx, self, "run", "kubectl", "--kubeconfig", kubeconfig,
		"apply", "--server-side", "--force-conflicts", "-f", file)
	cmd.Stdin = bytes.NewReader(given)
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("applying the addons: %w\n%s", err, out)
	}
	return nil
}
