package components

import (
	corev1 "github.com/pulumi/pulumi-kubernetes/sdk/v4/go/kubernetes/core/v1"
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
		wiki: name, claim: []pulumi.ResourceOption{args.outlives()}, timeouts: args.Timeouts,
	}, parent)
	if err != nil {
		return err
	}
	settings, err := newSettings(ctx, name, &settingsArgs{
		WikiArgs: args.Wiki, namespace: namespace, image: args.Image, database: db, databaseName: args.Database.Name,
		timeouts: args.Timeouts, user: args.Database.User, password: password, masterSecret: args.MasterSecret,
	}, parent)
	if err != nil {
		return err
	}
	tier := tierArgs{namespace: namespace, image: args.Image, settings: settings, database: db, wiki: args.Wiki, timeouts: args.Timeouts}
	migration, err := newMigration(ctx, name, &migrationArgs{
		tierArgs: tier, user: args.Database.MigrationUser, password: migrationPassword, adminPassword: adminPassword,
		mode: args.Database.Mode,
	}, parent)
	if err != nil {
		return err
	}
	uploads, err := s.uploads(ctx, name, namespace, args)
	if err != nil {
		return err
	}
	tier.uploads = uploads.Metadata.Name().Elem()
	tier.after = pulumi.DependsOn([]pulumi.Resource{migration.job})
	web, err := newWiki(ctx, name, &wikiArgs{tierArgs: tier, replicas: args.Replicas, address: args.address()}, parent)
	if err != nil {
		return err
	}
	if err := newJobs(ctx, name, &jobsArgs{tierArgs: tier, url: web.url}, parent); err != nil {
		return err
	}
	s.setOutputs(namespace, web, args)
	s.DatabaseHost = db.host.ToStringOutput()
	s.DatabasePassword = password
	s.AdminUser = args.Wiki.AdminUser.ToStringOutput()
	s.AdminPassword = adminPassword
	return nil
}

// uploads is the claim for what users upload. It stands beside the tiers, because web and job Pods mount it.
func (s *MediaWikiStack) uploads(
	ctx *pulumi.Context, name string, namespace pulumi.StringInput, args *MediaWikiStackArgs,
) (*corev1.PersistentVolumeClaim, error) {
	return newClaim(ctx, name+"-uploads", &claimArgs{
		VolumeArgs: args.Wiki.Uploads.Volume,
		accessMode: args.Wiki.Uploads.AccessMode,
		namespace:  namespace,
		options:    []pulumi.ResourceOption{pulumi.Parent(s), args.Timeouts.resourceOption(), args.outlives()},
	})
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
