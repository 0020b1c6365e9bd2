package components

import (
	"slices"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

// provisionWiki makes an installed wiki that keeps what is written in it. Each part waits for those before it: the migration
// for the database, and for the migration the Pods that serve readers and run jobs.
func (s *MediaWikiStack) provisionWiki(ctx *pulumi.Context, name string, args *MediaWikiStackArgs) error {
	parent := pulumi.Parent(s)
	namespace, err := s.namespace(ctx, name, args)
	if err != nil {
		return err
	}
	password := passwordOr(args.Database.Password, args.MasterSecret, labelDatabasePassword)
	migrationPassword := passwordOr(args.Database.MigrationPassword, args.MasterSecret, labelMigrationPassword)
	adminPassword := passwordOr(args.Wiki.AdminPassword, args.MasterSecret, labelAdminPassword)

	db, err := newDatabase(ctx, name, &databaseArgs{
		DatabaseArgs: args.Database, namespace: namespace, password: password, migrationPassword: migrationPassword,
		wiki: name, storage: args.Storage, claim: []pulumi.ResourceOption{args.outlives()}, timeouts: args.Timeouts,
	}, parent)
	if err != nil {
		return err
	}
	settings, err := newSettings(ctx, name, &settingsArgs{
		WikiArgs: args.Wiki, namespace: namespace, image: args.Image, database: db, databaseName: args.Database.Name,
		caches: args.caches(name), objectCache: objectCacheAddress(name), timeouts: args.Timeouts,
		cookiePrefix: pulumi.Sprintf("%s-%s", args.Namespace, name), egress: len(args.Egress) > 0,
		user: args.Database.User, password: password, masterSecret: args.MasterSecret,
	}, parent)
	if err != nil {
		return err
	}
	objects, err := newObjectCache(ctx, name, &objectCacheArgs{
		ObjectCacheArgs: args.ObjectCache, namespace: namespace, timeouts: args.Timeouts,
	}, parent)
	if err != nil {
		return err
	}
	var pages *cache // nil if there is none
	addresses := append(slices.Clone(db.known), objects.known)
	if args.cached() {
		if pages, err = newCache(ctx, name, args.Cache.Replicas, namespace, args.Timeouts, parent); err != nil {
			return err
		}
		addresses = append(addresses, pages.known...)
	}
	tier := tierArgs{
		namespace: namespace, image: args.Image, mariadb: args.Database, settings: settings, database: db,
		wiki: args.Wiki, web: args.Web, storage: args.Storage, cached: args.cached(), known: addresses, name: name, timeouts: args.Timeouts,
	}
	if err := s.storage(ctx, name, args, &tier); err != nil {
		return err
	}
	migration, err := newMigration(ctx, name, &migrationArgs{
		tierArgs: tier, user: args.Database.MigrationUser, password: migrationPassword, adminPassword: adminPassword,
		restoreFrom: args.Backups.RestoreFrom,
	}, parent)
	if err != nil {
		return err
	}
	tier.after = pulumi.DependsOn([]pulumi.Resource{migration.job})
	s.DatabaseHost, s.DatabasePassword = db.host.ToStringOutput(), password
	s.AdminUser = args.Wiki.AdminUser.ToStringOutput()
	s.AdminPassword = adminPassword
	return s.serve(ctx, name, args, tier, pages)
}

// serve makes the parts that run when the migration has succeeded.
func (s *MediaWikiStack) serve(ctx *pulumi.Context, name string, args *MediaWikiStackArgs, tier tierArgs, pages *cache) error {
	parent := pulumi.Parent(s)
	web, err := newWiki(ctx, name, &wikiArgs{tierArgs: tier, replicas: *args.Replicas, address: args.address()}, parent)
	if err != nil {
		return err
	}
	if pages != nil {
		if err := pages.serve(ctx, name, &cacheArgs{
			CacheArgs: args.Cache, namespace: tier.namespace, gate: tier.settings.gate, url: web.url,
			backend: web.backend, after: tier.after, proxies: args.Service.TrustedProxies,
		}); err != nil {
			return err
		}
	}
	if err := newJobs(ctx, name, &jobsArgs{tierArgs: tier, url: web.url, pages: pages}, parent); err != nil {
		return err
	}
	if err := newBackups(ctx, name, &backupsArgs{tierArgs: tier, BackupsArgs: args.Backups}, parent); err != nil {
		return err
	}
	s.setOutputs(tier.namespace, web, args)
	return nil
}

// storage makes what Pods of more than one tier keep something in, and settles what they reach outside the cluster.
func (s *MediaWikiStack) storage(ctx *pulumi.Context, name string, args *MediaWikiStackArgs, tier *tierArgs) (err error) {
	uploads, namespace := args.Wiki.Uploads, tier.namespace
	if tier.destinations, err = args.destinations(); err != nil {
		return err
	}
	if tier.uploads, err = s.claim(ctx, name+"-uploads", args, namespace, uploads.Volume, uploads.AccessMode); err != nil {
		return err
	}
	if tier.backups, err = s.claim(ctx, name+"-backups", args, namespace, args.Backups.Volume, ReadWriteOnce); err != nil {
		return err
	}
	tier.remote, err = newRemote(ctx, name, namespace, args, pulumi.Parent(s), args.Timeouts.resourceOption())
	return err
}

// claim is one that Pods of more than one tier mount. It stands beside them.
func (s *MediaWikiStack) claim(
	ctx *pulumi.Context, name string, args *MediaWikiStackArgs, namespace pulumi.StringInput, volume VolumeArgs, accessMode string,
) (pulumi.StringOutput, error) {
	claim, err := newClaim(ctx, name, &claimArgs{
		VolumeArgs: volume,
		accessMode: accessMode,
		namespace:  namespace,
		options:    []pulumi.ResourceOption{pulumi.Parent(s), args.Timeouts.resourceOption(), args.outlives()},
	})
	if err != nil {
		return pulumi.StringOutput{}, err
	}
	return claim.Metadata.Name().Elem(), nil
}

// setOutputs sets what every mode has.
func (s *MediaWikiStack) setOutputs(namespace pulumi.StringInput, web *web, args *MediaWikiStackArgs) {
	s.Namespace = namespace.ToStringOutput()
	s.ServiceName = web.serviceName
	s.NodePort = web.nodePort
	s.URL = web.url
	s.DatabaseName = args.Database.Name.ToStringOutput()
	s.DatabaseUser = args.Database.User.ToStringOutput()
}
