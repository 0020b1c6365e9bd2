// Command two-wikis is a Pulumi program that runs two wikis on one cluster, each with its own namespace and its own secret.
package main

import (
	"fmt"

	"github.com/pulumi/pulumi-kubernetes/sdk/v4/go/kubernetes"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi/config"

	"github.com/mediawiki-stack/mediawiki-stack/components"
)

func main() { pulumi.Run(deploy) }

func deploy(ctx *pulumi.Context) error {
	microk8s, err := kubernetes.NewProvider(ctx, "microk8s", &kubernetes.ProviderArgs{
		Kubeconfig: pulumi.String("~/.kube/config"),
		Context:    pulumi.String("microk8s"),
	})
	if err != nil {
		return err
	}
	for _, name := range []string{"handbook", "recipes"} {
		wiki, err := components.NewMediaWikiStack(ctx, name, &components.MediaWikiStackArgs{
			Namespace:       pulumi.String(name),
			CreateNamespace: true,
			MasterSecret:    config.RequireSecret(ctx, name+"Secret"),
			NodeHost:        pulumi.String("raspberrypi.local"),
		}, pulumi.Provider(microk8s))
		if err != nil {
			return fmt.Errorf("wiki %s: %w", name, err)
		}
		ctx.Export(name+"Url", wiki.URL)
		ctx.Export(name+"AdminPassword", wiki.AdminPassword)
	}
	return nil
}
