// Package components runs MediaWiki on Kubernetes as Pulumi components.
//
// # One wiki
//
// [NewMediaWikiStack] creates one wiki. It needs a Kubernetes provider, a name, a namespace and one secret:
//
//	wiki, err := components.NewMediaWikiStack(ctx, "team", &components.MediaWikiStackArgs{
//		Namespace:       pulumi.String("team-wiki"),
//		CreateNamespace: true,
//		MasterSecret:    config.RequireSecret(ctx, "masterSecret"),
//	}, pulumi.Provider(microk8s))
//	if err != nil {
//		return err
//	}
//	ctx.Export("url", wiki.URL)
//
// The names of the wiki's objects begin with its own name, so a program may create several wikis, each under its own name. Volumes remain
// when the wiki is destroyed, and a wiki with the same name and namespace adopts them. Complete programs are in the folder examples.
//
// # Arguments
//
// [MediaWikiStackArgs] has a default for every field except Namespace and MasterSecret. Impossible arguments are all reported in one
// error, before anything is registered. Fields that this check reads are plain; all others are Inputs. The pulumi and provider tags
// describe the arguments as a schema, with names and secrets. The arguments that are set are the component's inputs: the stack's state
// contains them under these names, secrets encrypted, and a preview shows which of them change. Three fields decide the rest:
//
//   - Database.Mode says where MariaDB runs: [DatabaseStatefulSet], [DatabaseExternal] or [DatabaseSidecar].
//   - Profile provides every size that is left at zero: memory, workers, caches. Memory limits are computed from these sizes.
//   - MasterSecret is what passwords and keys are derived from, unless they are given. It must not change while there is data.
//
// # Parts
//
// A MediaWikiStack is a tree of components, so `pulumi preview` prints the architecture. The parts depend on each other in this order:
//
//	Database      MariaDB on a volume: one StatefulSet, or nothing for an external database
//	Database2     the second MariaDB, which replicates the first one; only if Database.Replicas is 2
//	Settings      LocalSettings.php, the configuration of Apache and PHP, and the secrets that they read
//	ObjectCache   memcached: what MediaWiki can compute again
//	Migration     one Job that installs or upgrades the wiki and checks its settings; everything below depends on it
//	Web           Apache and PHP behind a Service
//	Cache         Varnish in front of Web: cached pages for readers without a session
//	Jobs          MediaWiki's job queue
//	Backups       CronJobs that back up database and uploads, and that test the newest backup
//	Ingress       how an ingress controller serves the wiki, and its certificate; only if Ingress.Enabled
//	Monitoring    what tells Prometheus and Grafana about the wiki; only if Monitoring.Enabled and Monitoring.Operator
//
// If the migration fails, nothing that readers reach has changed. With [DatabaseSidecar] there are only Database and Web, and data is
// lost with its Pod.
//
// # Providers
//
// Objects use the provider that the caller gives for Kubernetes, and no other. A wiki that comes back adopts existing objects by
// server-side apply. Providers from version 4.29 on do not adopt, so NewMediaWikiStack refuses them.
//
// docs/ARCHITECTURE.md explains how the parts work together, and docs/decisions why.
package components
