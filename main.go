// MediaWiki on a small Kubernetes: the Pulumi program.
package main

import (
	_ "embed"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"mediawiki-stack/components"
	"mediawiki-stack/internal/config"
	"mediawiki-stack/internal/microk8s"
	"mediawiki-stack/internal/preflight"
)

//go:embed Pulumi.yaml
var project []byte

// name is the wiki's in its stack; the names of its objects begin with it.
const name = "mediawiki"

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
	found, err := preflight.Run(ctx, cluster, name, cfg)
	if err != nil {
		return err
	}
	provider, err := cluster.NewProvider(ctx)
	if err != nil {
		return err
	}
	wiki, err := components.NewMediaWikiStack(ctx, name, cfg.StackArgs(cluster.Host), pulumi.Provider(provider))
	if err != nil {
		return err
	}
	for output, value := range wiki.Outputs() {
		ctx.Export(output, value)
	}
	ctx.Export("provenBackup", pulumi.String(found.ProvenBackup))
	return nil
}
