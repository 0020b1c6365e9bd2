// Command empty is the least that a program with the project's provider can be: what `make bench` holds a preview against.
package main

import (
	"os"

	"github.com/pulumi/pulumi-kubernetes/sdk/v4/go/kubernetes"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

func main() {
	pulumi.Run(func(ctx *pulumi.Context) error {
		_, err := kubernetes.NewProvider(ctx, "empty", &kubernetes.ProviderArgs{
			Kubeconfig: pulumi.String(os.Getenv("KUBECONFIG")),
		})
		return err
	})
}
