package components

import (
	"slices"

	corev1 "github.com/pulumi/pulumi-kubernetes/sdk/v4/go/kubernetes/core/v1"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/mediawiki-stack/mediawiki-stack/internal/addresses"
	"github.com/mediawiki-stack/mediawiki-stack/internal/parts"
	"github.com/mediawiki-stack/mediawiki-stack/internal/sizes"
)

// wiki is what all parts of one MediaWikiStack share.
type wiki struct {
	args      *MediaWikiStackArgs // with defaults
	sizes     sizes.Wiki          // of args
	name      string              // every object's name begins with it
	namespace pulumi.StringInput  // its name, known when it exists
	stack     pulumi.Resource     // the parts' parent

	destinations []addresses.Destination // args.Egress
	remote       *addresses.Remote       // args.Backups.Remote.Address; nil if backups are copied nowhere
	pictures     *pictureSet             // args.Wiki.Logo, Icon and Favicon
	workloads    pulumi.StringArray      // see MediaWikiStack.Workloads
}

// newWiki parses what the parts need parsed, and creates the namespace if it belongs to the wiki.
func newWiki(ctx *pulumi.Context, name string, args *MediaWikiStackArgs, stack pulumi.Resource) (*wiki, error) {
	w := &wiki{args: args, sizes: sizes.Of(args), name: name, namespace: args.Namespace, stack: stack}
	var err error
	if w.destinations, err = args.destinations(); err != nil {
		return nil, err
	}
	if w.pictures, err = args.readPictures(); err != nil {
		return nil, err
	}
	if address := args.Backups.Remote.Address; address != "" {
		if w.remote, err = addresses.ParseRemote(address); err != nil {
			return nil, err
		}
	}
	if args.CreateNamespace {
		w.namespace, err = newNamespace(ctx, w)
	}
	return w, err
}

// register registers a part's component. Its name is the wiki's.
func (w *wiki) register(ctx *pulumi.Context, part parts.Part, component pulumi.ComponentResource) error {
	options := []pulumi.ResourceOption{pulumi.Parent(w.stack)}
	if w.args.Database.Mode != DatabaseSidecar {
		options = append(options, labelled(partLabels(part)))
	}
	return ctx.RegisterComponentResource(part.Token(), w.name, component, options...)
}

// childOf returns the options of a component's objects.
func (w *wiki) childOf(parent pulumi.Resource, more ...pulumi.ResourceOption) []pulumi.ResourceOption {
	return append([]pulumi.ResourceOption{pulumi.Parent(parent), w.args.Timeouts.resourceOption()}, more...)
}

// front is the part that readers connect to.
func (w *wiki) front() parts.Part {
	if w.sizes.Cached() {
		return parts.Cache
	}
	return parts.Web
}

// provisionWiki creates the parts of a wiki that keeps its data. Each part waits for the parts that are passed to it: the migration waits
// for the database, and the Pods that serve readers and run jobs wait for the migration.
func (s *MediaWikiStack) provisionWiki(ctx *pulumi.Context, w *wiki) error {
	database, err := newDatabase(ctx, w)
	if err != nil {
		return err
	}
	objects, err := newObjectCache(ctx, w)
	if err != nil {
		return err
	}
	purge, err := newPurgeServices(ctx, w)
	if err != nil {
		return err
	}
	settings, err := newSettings(ctx, w, database)
	if err != nil {
		return err
	}
	aliases := slices.Concat(database.hostAliases, corev1.HostAliasArray{objects.hostAlias}, purge)
	pods, err := newMediaWiki(ctx, w, settings, database, aliases)
	if err != nil {
		return err
	}
	migration, err := newMigration(ctx, w, pods)
	if err != nil {
		return err
	}
	ingress, err := newIngress(ctx, w)
	if err != nil {
		return err
	}
	web, err := newWeb(ctx, w, pods, migration, ingress)
	if err != nil {
		return err
	}
	cache, err := newCache(ctx, w, settings, migration, web)
	if err != nil {
		return err
	}
	if _, err = newJobs(ctx, w, pods, migration, web, cache); err != nil {
		return err
	}
	if _, err = newBackups(ctx, w, pods, migration); err != nil {
		return err
	}
	if err := ingress.serve(ctx, w, web, migration); err != nil {
		return err
	}
	if err := newMonitoring(ctx, w); err != nil {
		return err
	}
	s.Certificate = ingress.certificate
	s.setOutputs(w, web.front, database.host, database.password)
	s.AdminUser, s.AdminPassword = w.args.Wiki.AdminUser.ToStringOutput(), migration.adminPassword
	return nil
}

// setOutputs sets the outputs that are the same in every mode.
func (s *MediaWikiStack) setOutputs(w *wiki, front *frontService, databaseHost pulumi.StringInput, databasePassword pulumi.StringOutput) {
	s.URL = front.url
	s.Namespace = w.namespace.ToStringOutput()
	s.ServiceName = front.name
	s.NodePort = front.nodePort
	s.DatabaseHost = databaseHost.ToStringOutput()
	s.DatabaseName = w.args.Database.Name.ToStringOutput()
	s.DatabaseUser = w.args.Database.User.ToStringOutput()
	s.DatabasePassword = databasePassword
	s.Workloads = w.workloads.ToStringArrayOutput()
}
