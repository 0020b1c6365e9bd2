// MediaWiki on a small Kubernetes: the Pulumi program.
package main

import (
	_ "embed"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"mediawiki-stack/components"
	"mediawiki-stack/internal/config"
	"mediawiki-stack/internal/microk8s"
)

//go:embed Pulumi.yaml
var project []byte

func main() {
	var raw config.Raw
	pulumi.Run(func(ctx *pulumi.Context) error { return deploy(ctx, &raw) }, raw.Capture)
}

func deploy(ctx *pulumi.Context, raw *config.Raw) error {
	cfg, err := config.Load(project, raw)
	if err != nil {
		return err
	}
	cluster, err := microk8s.Find(cfg.Kubeconfig, cfg.Context)
	if err != nil {
		return err
	}
	provider, err := cluster.NewProvider(ctx)
	if err != nil {
		return err
	}
	wiki, err := components.NewMediaWikiStack(ctx, "mediawiki", cfg.StackArgs(cluster.Host), pulumi.Provider(provider))
	if err != nil {
		return err
	}
	ctx.Export("url", wiki.URL)
	ctx.Export("namespace", wiki.Namespace)
	ctx.Export("serviceName", wiki.ServiceName)
	ctx.Export("nodePort", wiki.NodePort)
	ctx.Export("databaseName", wiki.DatabaseName)
	ctx.Export("databaseUser", wiki.DatabaseUser)
	ctx.Export("databasePassword", wiki.DatabasePassword)
	return nil
}
