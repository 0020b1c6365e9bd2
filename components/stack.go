package components

import (
	"fmt"
	"reflect"
	"slices"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/mediawiki-stack/mediawiki-stack/internal/parts"
)

// MediaWikiStack is one wiki.
type MediaWikiStack struct {
	pulumi.ResourceState

	// URL is the address to type into a browser.
	URL pulumi.StringOutput `pulumi:"url"`
	// Namespace is the namespace of all objects of the wiki.
	Namespace pulumi.StringOutput `pulumi:"namespace"`
	// ServiceName is the name of the Service in front of the wiki.
	ServiceName pulumi.StringOutput `pulumi:"serviceName"`
	// NodePort is the port on every node, or 0 if the Service has none.
	NodePort pulumi.IntOutput `pulumi:"nodePort"`
	// DatabaseHost is the database's host as the wiki's Pods know it.
	DatabaseHost pulumi.StringOutput `pulumi:"databaseHost"`
	// DatabaseName is the name of the database that MediaWiki uses.
	DatabaseName pulumi.StringOutput `pulumi:"databaseName"`
	// DatabaseUser is the account that web and job Pods use.
	DatabaseUser pulumi.StringOutput `pulumi:"databaseUser"`
	// DatabasePassword is the password of DatabaseUser.
	DatabasePassword pulumi.StringOutput `pulumi:"databasePassword" provider:"secret"`
	// AdminUser is the first administrator. It is empty in mode sidecar, which installs no wiki.
	AdminUser pulumi.StringOutput `pulumi:"adminUser"`
	// AdminPassword is the first administrator's initial password.
	AdminPassword pulumi.StringOutput `pulumi:"adminPassword" provider:"secret"`

	// Workloads are the Deployments and StatefulSets, such as "deployments/mediawiki-app", known when Pulumi has created or updated them. A
	// program can wait for their rollouts.
	Workloads pulumi.StringArrayOutput
	// Certificate is the name of cert-manager's Certificate for the wiki's hosts, known when Pulumi has created or updated it; empty if
	// there is none. A program can wait until it is issued.
	Certificate pulumi.StringOutput
}

// NewMediaWikiStack creates a wiki with the Kubernetes provider in opts. If args are invalid, it fails before it registers anything; the
// error names every mistake.
func NewMediaWikiStack(
	ctx *pulumi.Context, name string, args *MediaWikiStackArgs, opts ...pulumi.ResourceOption,
) (*MediaWikiStack, error) {
	if err := checkProvider(providerVersion()); err != nil {
		return nil, err
	}
	given := args
	args = args.withDefaults()
	if err := args.check(); err != nil {
		return nil, fmt.Errorf("MediaWikiStack %q: %w", name, err)
	}
	stack := &MediaWikiStack{}
	opts = append(slices.Clone(opts), marked(ctx, name, args)...)
	if err := ctx.RegisterComponentResourceV2(parts.StackToken, name, inputs(reflect.ValueOf(*given)), stack, opts...); err != nil {
		return nil, err
	}
	provision := stack.provisionWiki
	if args.Database.Mode == DatabaseSidecar {
		provision = stack.provisionRecipe
	}
	w, err := newWiki(ctx, name, args, stack)
	if err != nil {
		return nil, err
	}
	if err := provision(ctx, w); err != nil {
		return nil, err
	}
	return stack, ctx.RegisterResourceOutputs(stack, stack.Outputs())
}

// Outputs returns the wiki's outputs, for a program to export, by their names.
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
