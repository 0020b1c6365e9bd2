// Package components runs MediaWiki on Kubernetes as Pulumi components.
//
// [NewMediaWikiStack] creates one wiki. Give it the provider of the cluster and a name; a program may create as many
// wikis as it likes, each under its own name:
//
//	wiki, err := components.NewMediaWikiStack(ctx, "team", &components.MediaWikiStackArgs{
//		Namespace:    pulumi.String("team-wiki"),
//		MasterSecret: cfg.RequireSecret("teamSecret"),
//	}, pulumi.Provider(microk8s))
//
// Below a stack stand its parts, Database and Web, so that the tree that `pulumi preview` draws is the architecture.
package components
