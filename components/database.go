package components

import (
	corev1 "github.com/pulumi/pulumi-kubernetes/sdk/v4/go/kubernetes/core/v1"
	metav1 "github.com/pulumi/pulumi-kubernetes/sdk/v4/go/kubernetes/meta/v1"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

// Keys of the database's Secret.
const (
	secretKeyDatabase = "database"
	secretKeyUser     = "user"
	secretKeyPassword = "password"
)

type databaseArgs struct {
	DatabaseArgs
	namespace pulumi.StringInput
	password  pulumi.StringOutput
	replicas  pulumi.IntInput
	timeouts  TimeoutsArgs
}

// database is the part that keeps the wiki's pages: its credentials and, by mode, the server.
type database struct {
	pulumi.ResourceState

	password pulumi.StringOutput
	sidecars corev1.ContainerArray // containers to run in every web Pod
}

func newDatabase(ctx *pulumi.Context, name string, args *databaseArgs, opts ...pulumi.ResourceOption) (*database, error) {
	db := &database{password: args.password}
	if err := ctx.RegisterComponentResource(DatabaseToken, name, db, opts...); err != nil {
		return nil, err
	}
	secret, err := corev1.NewSecret(ctx, name+"-db", &corev1.SecretArgs{
		Metadata: &metav1.ObjectMetaArgs{Namespace: args.namespace.ToStringOutput().ToStringPtrOutput()},
		StringData: pulumi.StringMap{
			secretKeyDatabase: args.Name,
			secretKeyUser:     args.User,
			secretKeyPassword: args.password,
		},
	}, pulumi.Parent(db), args.timeouts.resourceOption())
	if err != nil {
		return nil, err
	}
	db.sidecars = corev1.ContainerArray{sidecarContainer(args, secret)}
	warnThatNothingIsKept(ctx, db, args.replicas)
	return db, ctx.RegisterResourceOutputs(db, pulumi.Map{})
}
