// Command go is a Pulumi program that runs one wiki on microk8s.
package main

import (
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
	wiki, err := components.NewMediaWikiStack(ctx, "team", &components.MediaWikiStackArgs{
		Namespace:       pulumi.String("team-wiki"),
		CreateNamespace: true,
		MasterSecret:    config.RequireSecret(ctx, "masterSecret"),
		Profile:         components.ProfilePi4G,
		NodeHost:        pulumi.String("raspberrypi.local"),
		Wiki:            components.WikiArgs{SiteName: pulumi.String("Team wiki")},
	}, pulumi.Provider(microk8s))
	if err != nil {
		return err
	}
	ctx.Export("url", wiki.URL)
	ctx.Export("adminPassword", wiki.AdminPassword)
	return nil
}
