package components

import (
	corev1 "github.com/pulumi/pulumi-kubernetes/sdk/v4/go/kubernetes/core/v1"
	metav1 "github.com/pulumi/pulumi-kubernetes/sdk/v4/go/kubernetes/meta/v1"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

// Accounts are told apart by these beginnings of keys in Secrets: "database" is the one that reads and writes rows,
// "migration" the one that may change the schema.
const (
	secretKeyUser              = "database-user"
	secretKeyPassword          = "database-password"
	secretKeyMigrationUser     = "migration-user"
	secretKeyMigrationPassword = "migration-password"
)

type databaseArgs struct {
	DatabaseArgs
	namespace         pulumi.StringInput
	password          pulumi.StringOutput
	migrationPassword pulumi.StringOutput
	wiki              string // name of the wiki whose Pods may come
	storage           string
	claim             []pulumi.ResourceOption // how the claim lives and ends
	timeouts          TimeoutsArgs
}

// database is the part that keeps the wiki's pages: a MariaDB of the wiki's own, or where another one is.
type database struct {
	pulumi.ResourceState

	host  pulumi.StringInput
	port  pulumi.IntInput
	peers pulumi.StringMap      // labels of the Pods it runs in; nil if it runs elsewhere
	known corev1.HostAliasArray // its address; none if it runs elsewhere
}

func newDatabase(ctx *pulumi.Context, name string, args *databaseArgs, opts ...pulumi.ResourceOption) (*database, error) {
	db := &database{host: args.Host, port: args.Port}
	if err := ctx.RegisterComponentResource(DatabaseToken, name, db, opts...); err != nil {
		return nil, err
	}
	if args.Mode == DatabaseStatefulSet {
		if err := db.provision(ctx, name+"-db", args); err != nil {
			return nil, err
		}
	}
	return db, ctx.RegisterResourceOutputs(db, pulumi.Map{"host": db.host, "port": db.port})
}

// provision makes the MariaDB of mode statefulset.
func (db *database) provision(ctx *pulumi.Context, name string, args *databaseArgs) error {
	child := []pulumi.ResourceOption{pulumi.Parent(db), args.timeouts.resourceOption()}
	metadata := &metav1.ObjectMetaArgs{Namespace: args.namespace.ToStringOutput().ToStringPtrOutput()}

	secret, err := corev1.NewSecret(ctx, name, &corev1.SecretArgs{Metadata: metadata, StringData: pulumi.StringMap{
		secretKeyUser:              args.User,
		secretKeyPassword:          args.password,
		secretKeyMigrationUser:     args.MigrationUser,
		secretKeyMigrationPassword: args.migrationPassword,
	}}, child...)
	if err != nil {
		return err
	}
	config, err := corev1.NewConfigMap(ctx, name, &corev1.ConfigMapArgs{Metadata: metadata, Data: mariadbFiles()}, child...)
	if err != nil {
		return err
	}
	claim, err := newClaim(ctx, name, &claimArgs{
		VolumeArgs: args.Volume,
		accessMode: ReadWriteOnce,
		namespace:  args.namespace,
		annotations: pulumi.StringMap{
			CredentialsAnnotation: fingerprint(args.namespace, args.password, args.migrationPassword),
			DatabaseAnnotation:    args.Name,
		},
		options: append(child[:len(child):len(child)], args.claim...),
	})
	if err != nil {
		return err
	}
	db.peers = pulumi.StringMap{"app": pulumi.String(name)}
	// The Service leads to the server also while it is not ready, as it is for a moment whenever its kubelet starts: who asks is told by
	// the server itself.
	service, err := newInnerService(ctx, name, args.namespace, db.peers, []int{DefaultDatabasePort}, true, child...)
	if err != nil {
		return err
	}
	db.known = corev1.HostAliasArray{known(service, name)}
	callers := fromTiers(args.wiki, pulumi.Int(DefaultDatabasePort))
	if err := newPolicy(ctx, name, args.namespace, db.peers, callers, nil, child...); err != nil {
		return err
	}
	pod := mariadbPod(args, nameOf(secret, secret.Metadata), nameOf(config, config.Metadata), claim.Metadata.Name().Elem())
	server, err := newStatefulSet(ctx, name, args.namespace, db.peers, pod, child...)
	if err != nil {
		return err
	}
	// Who asks for the host waits for the server, which has just been made ready.
	db.port = pulumi.Int(DefaultDatabasePort)
	db.host = pulumi.All(service.Metadata.Name().Elem(), server.Metadata.Name().Elem()).ApplyT(func(all []any) string {
		return all[0].(string)
	}).(pulumi.StringOutput)
	return nil
}
