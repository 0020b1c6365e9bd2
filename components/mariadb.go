package components

import (
	"strconv"

	appsv1 "github.com/pulumi/pulumi-kubernetes/sdk/v4/go/kubernetes/apps/v1"
	corev1 "github.com/pulumi/pulumi-kubernetes/sdk/v4/go/kubernetes/core/v1"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/mediawiki-stack/mediawiki-stack/internal/marks"
	"github.com/mediawiki-stack/mediawiki-stack/internal/parts"
	"github.com/mediawiki-stack/mediawiki-stack/internal/secrets"
	"github.com/mediawiki-stack/mediawiki-stack/internal/sizes"
)

// mariadbID is the ID of user and group mysql in the image.
const mariadbID = 999

// Keys in Secrets. The account "database" may read and write rows, and "migration" may change the schema.
const (
	secretKeyUser              = "database-user"
	secretKeyPassword          = "database-password"
	secretKeyMigrationUser     = "migration-user"
	secretKeyMigrationPassword = "migration-password"
)

// database is the part that keeps the wiki's pages: a MariaDB of the wiki's own, or one that runs elsewhere.
type database struct {
	pulumi.ResourceState

	host                        pulumi.StringInput
	port                        pulumi.IntInput
	password, migrationPassword pulumi.StringOutput
	hostAliases                 corev1.HostAliasArray // empty if it runs elsewhere
	replica                     *corev1.Service       // set if there are two databases

	secret, config pulumi.StringOutput // names of what MariaDB mounts
	server, second *appsv1.StatefulSet // second is set if there are two databases, as roles is
	roles          *roles
}

func newDatabase(ctx *pulumi.Context, w *wiki) (*database, error) {
	args := w.args.Database
	db := &database{
		host: args.Host, port: args.Port,
		password:          passwordOr(args.Password, w.args.MasterSecret, secrets.DatabasePassword),
		migrationPassword: passwordOr(args.MigrationPassword, w.args.MasterSecret, secrets.MigrationPassword),
	}
	if err := w.register(ctx, parts.Database, db); err != nil {
		return nil, err
	}
	if args.Mode == DatabaseStatefulSet {
		if err := db.provision(ctx, w); err != nil {
			return nil, err
		}
	}
	return db, ctx.RegisterResourceOutputs(db, pulumi.Map{"host": db.host, "port": db.port})
}

// provision creates the MariaDB of mode statefulset, and the second one if there are two.
func (db *database) provision(ctx *pulumi.Context, w *wiki) error {
	name, child := parts.Database.Of(w.name), w.childOf(db)
	if err := db.newFiles(ctx, w, child...); err != nil {
		return err
	}
	claim, err := newClaimObject(ctx, w, name, db, w.args.Database.Volume, ReadWriteOnce, pulumi.StringMap{
		marks.CredentialsAnnotation: fingerprint(w.namespace, db.password, db.migrationPassword),
		marks.DatabaseAnnotation:    w.args.Database.Name,
	})
	if err != nil {
		return err
	}
	selector := w.labels(parts.Database)
	if w.args.Database.replicated() {
		if db.roles, err = newRoles(ctx, w, db); err != nil {
			return err
		}
		selector = pulumi.StringMap{"app": db.roles.primary}
	}
	// Publish the address even while MariaDB is not ready. A kubelet restart marks the Pod unready for a moment, and clients should get
	// MariaDB's own answer instead of a refused connection.
	service, err := newClusterIPService(ctx, w, name, selector, true, []int{parts.DatabasePort}, child...)
	if err != nil {
		return err
	}
	db.hostAliases = corev1.HostAliasArray{hostAlias(service, name)}
	if w.args.Database.replicated() {
		// This Service leads nowhere until the replica has a complete copy of the data.
		selector, ports := pulumi.StringMap{"app": db.roles.replica}, []int{parts.DatabasePort}
		if db.replica, err = newClusterIPService(ctx, w, parts.Replica(w.name), selector, false, ports, child...); err != nil {
			return err
		}
	}
	if err := newNetworkPolicy(ctx, w, parts.Database, child...); err != nil {
		return err
	}
	if db.server, err = newDatabaseSet(ctx, w, parts.Database, db, claim.Metadata.Name().Elem(), nil, child...); err != nil {
		return err
	}
	ready := []any{service.Metadata.Name().Elem(), db.server.Metadata.Name().Elem()}
	if err := newDatabase2(ctx, w, db, claim); err != nil {
		return err
	}
	if db.second != nil {
		ready = append(ready, db.second.Metadata.Name().Elem())
	}
	db.port = pulumi.Int(parts.DatabasePort)
	// Derive the host from the StatefulSets too, so that everything that uses it waits until MariaDB is ready.
	db.host = pulumi.All(ready...).ApplyT(func(all []any) string { return all[0].(string) }).(pulumi.StringOutput)
	return nil
}

// newFiles creates the Secret and the ConfigMap that MariaDB mounts.
func (db *database) newFiles(ctx *pulumi.Context, w *wiki, opts ...pulumi.ResourceOption) error {
	args, name := w.args.Database, parts.Database.Of(w.name)
	data := pulumi.StringMap{
		secretKeyUser:              args.User,
		secretKeyPassword:          db.password,
		secretKeyMigrationUser:     args.MigrationUser,
		secretKeyMigrationPassword: db.migrationPassword,
	}
	if args.replicated() {
		data["replication-password"] = derive(w.args.MasterSecret, secrets.ReplicaPassword)
	}
	secret, err := corev1.NewSecret(ctx, name, &corev1.SecretArgs{Metadata: w.metadata(), StringData: data}, opts...)
	if err != nil {
		return err
	}
	config, err := corev1.NewConfigMap(ctx, name, &corev1.ConfigMapArgs{Metadata: w.metadata(), Data: mariadbFiles()}, opts...)
	if err != nil {
		return err
	}
	db.secret, db.config = nameOf(secret, secret.Metadata), nameOf(config, config.Metadata)
	return nil
}

func mariadbPod(w *wiki, secret, config, claim pulumi.StringOutput) *pod {
	return &pod{
		user:        mariadbID,
		gracePeriod: 120, // InnoDB writes its pages back before it ends, which takes more than the default 30 seconds on a slow SD card
		volumes: corev1.VolumeArray{
			claimVolume("data", claim), configMapVolume("config", config), secretVolume("secrets", secret),
			memoryVolume("run", sizes.SocketsMemory), diskVolume("tmp", w.sizes.DatabaseDisk()),
		},
		containers: []*container{{
			name:    "mariadb",
			image:   w.args.Database.Image,
			command: []string{"bash", "/etc/mediawiki-stack/start.sh"},
			env:     mariadbVariables(w),
			ports:   map[string]int{"": parts.DatabasePort},
			need:    w.sizes.Need("mariadb"),
			mounts: corev1.VolumeMountArray{
				mount("data", "/var/lib/mysql", "mysql"),
				mount("data", "/var/lib/mediawiki-stack", "stack"),
				mount("config", "/etc/mediawiki-stack", ""),
				mount("config", "/etc/mysql/conf.d/mediawiki-stack.cnf", "my.cnf"),
				mount("secrets", secretsPath, ""),
				mount("run", "/run/mysqld", ""),
				mount("tmp", "/tmp", ""),
			},
			// The first start creates the data directory, which takes minutes on a slow SD card. Until then nothing may kill it.
			startup: execProbe(probeTiming{period: 2, timeout: 20, failures: 450}, "bash", "/etc/mediawiki-stack/ready.sh"),
			// Both of these start programs, so frequent probes would load a small machine, and a busy one needs many seconds for each. At a
			// load of a hundred on two cores, ten seconds were too few, and a server that worked was restarted.
			readiness: execProbe(probeTiming{period: 10, timeout: 30, failures: 3}, "bash", "/etc/mediawiki-stack/ready.sh"),
			liveness:  execProbe(probeTiming{period: 30, timeout: 30, failures: 4}, "healthcheck.sh", "--connect"),
		}},
	}
}

// mariadbVariables returns the environment of start.sh.
func mariadbVariables(w *wiki) map[string]pulumi.StringInput {
	variables := map[string]pulumi.StringInput{
		"DATABASE_NAME": w.args.Database.Name,
		"BUFFER_POOL":   pulumi.String(strconv.Itoa(w.sizes.Database.BufferPool)),
		"CONNECTIONS":   pulumi.String(strconv.Itoa(w.sizes.Database.Connections)),
		"TEMPORARY":     pulumi.String(strconv.Itoa(w.sizes.Database.Volume.Mebibytes())),
	}
	if w.args.Storage == StorageGentle {
		variables["GENTLE"] = pulumi.String("true")
	}
	return variables
}
