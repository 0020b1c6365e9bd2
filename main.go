// MediaWiki on a small Kubernetes: the Pulumi program.
package main

import (
	_ "embed"
	"os"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/mediawiki-stack/mediawiki-stack/components"
	"github.com/mediawiki-stack/mediawiki-stack/internal/cluster"
	"github.com/mediawiki-stack/mediawiki-stack/internal/config"
	"github.com/mediawiki-stack/mediawiki-stack/internal/plugin"
	"github.com/mediawiki-stack/mediawiki-stack/internal/preflight"
	"github.com/mediawiki-stack/mediawiki-stack/internal/rollout"
	"github.com/mediawiki-stack/mediawiki-stack/internal/state"
)

//go:embed Pulumi.yaml
var project []byte

// name is the name of the wiki's component. The names of all its objects begin with it.
const name = "mediawiki"

func main() {
	if plugin.Requested() { // by pulumi package add; see PulumiPlugin.yaml
		os.Exit(plugin.Main())
	}
	var raw config.Raw
	pulumi.Run(func(ctx *pulumi.Context) error {
		return state.Keep(ctx, func(own *state.Stack) error { return deploy(ctx, own, &raw) })
	}, raw.Capture)
}

func deploy(ctx *pulumi.Context, own *state.Stack, raw *config.Raw) error {
	raw.Deployed = own.Deployed
	cfg, err := config.Load(project, raw)
	if err != nil {
		return err
	}
	target, err := cluster.Find(cfg.Kubeconfig, cfg.Context)
	if err != nil {
		return err
	}
	found, err := preflight.Run(ctx, target, name, own, cfg)
	if err != nil {
		return err
	}
	provider, err := target.NewProvider(ctx, found.Identity)
	if err != nil {
		return err
	}
	wiki, err := components.NewMediaWikiStack(ctx, name, cfg.StackArgs(target.Host), pulumi.Provider(provider))
	if err != nil {
		return err
	}
	if wiki.URL, err = rollout.Await(ctx, target, cfg.Timeouts.Update, wiki); err != nil {
		return err
	}
	for output, value := range wiki.Outputs() {
		ctx.Export(output, value)
	}
	ctx.Export("provenBackup", pulumi.String(found.ProvenBackup))
	return nil
}
