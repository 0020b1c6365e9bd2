package components

import (
	"fmt"

	corev1 "github.com/pulumi/pulumi-kubernetes/sdk/v4/go/kubernetes/core/v1"
	metav1 "github.com/pulumi/pulumi-kubernetes/sdk/v4/go/kubernetes/meta/v1"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

// Type tokens of the components, as they stand in a stack's state.
const (
	StackToken    = "mediawiki:index:MediaWikiStack"
	DatabaseToken = "mediawiki:index:Database"
	WebToken      = "mediawiki:index:Web"
)

// MediaWikiStack is one wiki: its web tier and its database.
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
	// DatabaseName and DatabaseUser are what MediaWiki signs in to its database with.
	DatabaseName pulumi.StringOutput `pulumi:"databaseName"`
	DatabaseUser pulumi.StringOutput `pulumi:"databaseUser"`
	// DatabasePassword is a secret. Passwords stand in Secrets alone, so it is no output in the component's state.
	DatabasePassword pulumi.StringOutput
}

// NewMediaWikiStack creates a wiki. Its objects use the provider that opts give it for Kubernetes.
// It fails before anything is registered if args are impossible; the error names every mistake.
func NewMediaWikiStack(
	ctx *pulumi.Context, name string, args *MediaWikiStackArgs, opts ...pulumi.ResourceOption,
) (*MediaWikiStack, error) {
	args = args.withDefaults()
	if err := args.check(); err != nil {
		return nil, fmt.Errorf("MediaWikiStack %q: %w", name, err)
	}
	stack := &MediaWikiStack{}
	if err := ctx.RegisterComponentResource(StackToken, name, stack, opts...); err != nil {
		return nil, err
	}
	if err := stack.provision(ctx, name, args); err != nil {
		return nil, err
	}
	return stack, ctx.RegisterResourceOutputs(stack, pulumi.Map{
		"url":          stack.URL,
		"namespace":    stack.Namespace,
		"serviceName":  stack.ServiceName,
		"nodePort":     stack.NodePort,
		"databaseName": stack.DatabaseName,
		"databaseUser": stack.DatabaseUser,
	})
}

func (s *MediaWikiStack) provision(ctx *pulumi.Context, name string, args *MediaWikiStackArgs) error {
	namespace, err := s.namespace(ctx, name, args)
	if err != nil {
		return err
	}
	db, err := newDatabase(ctx, name, &databaseArgs{
		DatabaseArgs: args.Database,
		namespace:    namespace,
		password:     passwordOr(args.Database.Password, args.MasterSecret, "database-password"),
		replicas:     args.Replicas,
		timeouts:     args.Timeouts,
	}, pulumi.Parent(s))
	if err != nil {
		return err
	}
	web, err := newWeb(ctx, name, &webArgs{
		namespace: namespace,
		replicas:  args.Replicas,
		image:     args.Image,
		sidecars:  db.sidecars,
		service:   args.Service,
		timeouts:  args.Timeouts,
	}, pulumi.Parent(s))
	if err != nil {
		return err
	}
	s.Namespace = namespace.ToStringOutput()
	s.ServiceName = web.serviceName
	s.NodePort = web.nodePort
	s.URL = siteURL(args, web)
	s.DatabaseName = args.Database.Name.ToStringOutput()
	s.DatabaseUser = args.Database.User.ToStringOutput()
	s.DatabasePassword = db.password
	return nil
}

// namespace is the name of the wiki's namespace, made first if it is the wiki's own.
func (s *MediaWikiStack) namespace(ctx *pulumi.Context, name string, args *MediaWikiStackArgs) (pulumi.StringInput, error) {
	if !args.CreateNamespace {
		return args.Namespace, nil
	}
	namespace, err := corev1.NewNamespace(ctx, name, &corev1.NamespaceArgs{
		Metadata: &metav1.ObjectMetaArgs{Name: args.Namespace.ToStringOutput().ToStringPtrOutput()},
	}, pulumi.Parent(s), args.Timeouts.resourceOption())
	if err != nil {
		return nil, err
	}
	return namespace.Metadata.Name().Elem(), nil
}
