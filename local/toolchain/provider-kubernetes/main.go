// Command pulumi-resource-kubernetes is Pulumi's Kubernetes provider at the release that the program's SDK is.
//
// Upstream's own main embeds two files that its build generates and its Go module lacks. The sources they are generated from are in the
// module; the build overlays them from the module cache (see build_provider in ../../tools).
package main

import (
	_ "embed"

	"github.com/pulumi/pulumi-kubernetes/provider/v4/pkg/provider"
	"github.com/pulumi/pulumi-kubernetes/provider/v4/pkg/version"
)

//go:embed schema.json
var schema []byte

//go:embed terraform-mapping.json
var terraformMapping []byte

func main() {
	provider.Serve("kubernetes", version.Version, schema, terraformMapping)
}
