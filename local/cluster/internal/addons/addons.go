// Package addons holds the objects that every cluster has (DNS, the default storage class, roles for its programs) and those of optional
// addons.
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

//go:embed metrics-server.yaml
var metricsServerManifests []byte

// CoreDNS returns the image of the cluster's DNS server, whose binary is at path.
func CoreDNS(path string) images.Image {
	return images.Image{Reference: "localhost/coredns:local", Binary: path, User: "0"}
}

// Addon is an optional part of a cluster. local/tools builds its programs.
type Addon struct {
	programs  []string
	manifests []byte
	kinds     string // the program that has its CustomResourceDefinitions beside it, in the folder crds; empty if there are none
	fix       string // the command that builds the programs
}

// The optional addons.
var (
	// Ingress is an ingress controller, and cert-manager.
	Ingress = &Addon{
		programs: []string{"traefik", "cert-manager"}, manifests: ingressManifests, kinds: "cert-manager", fix: "make up INGRESS=yes",
	}
	// MetricsServer reports how much CPU and memory Pods use.
	MetricsServer = &Addon{
		programs: []string{"metrics-server"}, manifests: metricsServerManifests, fix: "make up METRICS_SERVER=yes",
	}
)

// Images returns the images of the addon's programs. An image can be built only if its program is on the PATH; one that was built before is
// found without it.
func (a *Addon) Images() []images.Image {
	list := make([]images.Image, 0, len(a.programs))
	for _, program := range a.programs {
		path, err := exec.LookPath(program)
		if err != nil {
			path = program
		}
		// The solver of ACME challenges runs as the image's user. Where Pods must not run as root, that user must be a number.
		list = append(list, images.Image{Reference: "localhost/" + program + ":local", Binary: path, User: "65532"})
	}
	return list
}

// Check returns an error unless the addon's programs are on the PATH.
func (a *Addon) Check() error {
	for _, program := range a.programs {
		if _, err := exec.LookPath(program); err != nil {
			return fmt.Errorf("%w\n  type: %s", err, a.fix)
		}
	}
	return nil
}

// Apply creates or updates the addon's objects. It leaves CustomResourceDefinitions as they are if their program is not on the PATH.
func (a *Addon) Apply(ctx context.Context, self, kubeconfig string) error {
	if program, err := exec.LookPath(a.kinds); err == nil {
		kinds := filepath.Join(filepath.Dir(program), "crds")
		if _, err := os.Stat(kinds); err != nil {
			return err
		}
		if err := apply(ctx, self, kubeconfig, kinds, nil); err != nil {
			return err
		}
	}
	return apply(ctx, self, kubeconfig, "-", a.manifests)
}

// Apply creates or updates the objects that every cluster has. self is the path of this binary.
func Apply(ctx context.Context, self, kubeconfig string) error {
	return apply(ctx, self, kubeconfig, "-", manifests)
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
