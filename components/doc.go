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
// A stack consists of parts, so that the tree that `pulumi preview` draws is the architecture: Database and ObjectCache; Settings, which
// all Pods with MediaWiki share; Migration, which installs the wiki and changes its schema; Web, Cache, Jobs and Backups. With
// [DatabaseSidecar] there are Database and Web alone.
package components
