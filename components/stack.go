package components

import (
	"fmt"
	"slices"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

// Type tokens of the components, as they stand in a stack's state.
const (
	StackToken       = "mediawiki:index:MediaWikiStack"
	DatabaseToken    = "mediawiki:index:Database"
	SettingsToken    = "mediawiki:index:Settings"
	MigrationToken   = "mediawiki:index:Migration"
	WebToken         = "mediawiki:index:Web"
	CacheToken       = "mediawiki:index:Cache"
	JobsToken        = "mediawiki:index:Jobs"
	BackupsToken     = "mediawiki:index:Backups"
	ObjectCacheToken = "mediawiki:index:ObjectCache"
)

// MediaWikiStack is one wiki.
type MediaWikiStack struct {
	pulumi.ResourceState

	// URL is where the wiki answers.
	URL pulumi.StringOutput `pulumi:"url"`
	// Namespace is the namespace of every object of the wiki.
	Namespace pulumi.StringOutput `pulumi:"namespace"`
	// ServiceName is the name of the Service in front of the wiki.
	ServiceName pulumi.StringOutput `pulumi:"serviceName"`
	// NodePort is the port on every node, or 0 if the Service has none.
	NodePort pulumi.IntOutput `pulumi:"nodePort"`
	// DatabaseHost is where the database answers, seen from a Pod of the wiki.
	DatabaseHost pulumi.StringOutput `pulumi:"databaseHost"`
	// DatabaseName and DatabaseUser are what MediaWiki signs in to its database with.
	DatabaseName pulumi.StringOutput `pulumi:"databaseName"`
	DatabaseUser pulumi.StringOutput `pulumi:"databaseUser"`
	// AdminUser is the first administrator. Mode sidecar, which installs no wiki, has none.
	AdminUser pulumi.StringOutput `pulumi:"adminUser"`

	// DatabasePassword and AdminPassword are secrets. Passwords stand in Secrets alone, so they are no outputs in the
	// component's state.
	DatabasePassword pulumi.StringOutput
	AdminPassword    pulumi.StringOutput
}

// NewMediaWikiStack creates a wiki. Its objects use the provider that opts give it for Kubernetes.
// It fails before anything is registered if args are impossible; the error names every mistake.
func NewMediaWikiStack(
	ctx *pulumi.Context, name string, args *MediaWikiStackArgs, opts ...pulumi.ResourceOption,
) (*MediaWikiStack, error) {
	if err := checkProvider(providerVersion()); err != nil {
		return nil, err
	}
	args = args.withDefaults()
	if err := args.check(); err != nil {
		return nil, fmt.Errorf("MediaWikiStack %q: %w", name, err)
	}
	stack := &MediaWikiStack{}
	if err := ctx.RegisterComponentResource(StackToken, name, stack, append(slices.Clone(opts), marked(ctx))...); err != nil {
		return nil, err
	}
	provision := stack.provisionWiki
	if args.Database.Mode == DatabaseSidecar {
		provision = stack.provisionRecipe
	}
	if err := provision(ctx, name, args); err != nil {
		return nil, err
	}
	return stack, ctx.RegisterResourceOutputs(stack, pulumi.Map{
		"url":          stack.URL,
		"namespace":    stack.Namespace,
		"serviceName":  stack.ServiceName,
		"nodePort":     stack.NodePort,
		"databaseHost": stack.DatabaseHost,
		"databaseName": stack.DatabaseName,
		"databaseUser": stack.DatabaseUser,
		"adminUser":    stack.AdminUser,
	})
}

// Outputs are what a program exports of the wiki, by their names in a stack's outputs.
func (s *MediaWikiStack) Outputs() pulumi.Map {
	return pulumi.Map{
		"url":              s.URL,
		"namespace":        s.Namespace,
		"serviceName":      s.ServiceName,
		"nodePort":         s.NodePort,
		"databaseHost":     s.DatabaseHost,
		"databaseName":     s.DatabaseName,
		"databaseUser":     s.DatabaseUser,
		"databasePassword": s.DatabasePassword,
		"adminUser":        s.AdminUser,
		"adminPassword":    s.AdminPassword,
	}
}
