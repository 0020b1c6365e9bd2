package components

import (
	"errors"
	"fmt"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/mediawiki-stack/mediawiki-stack/internal/choices"
	"github.com/mediawiki-stack/mediawiki-stack/internal/defaults"
	"github.com/mediawiki-stack/mediawiki-stack/internal/parts"
)

// Where the database runs: the values of [DatabaseArgs].Mode.
const (
	// DatabaseStatefulSet runs one MariaDB for all replicas, on a volume that outlives the stack.
	DatabaseStatefulSet = choices.DatabaseStatefulSet
	// DatabaseExternal uses a MariaDB that runs elsewhere.
	DatabaseExternal = choices.DatabaseExternal
	// DatabaseSidecar runs MariaDB beside MediaWiki in each Pod, as the article does. No wiki is installed, each replica has its own
	// database, and everything in it is lost with the Pod. [WikiArgs] has no effect.
	DatabaseSidecar = choices.DatabaseSidecar
)

// defaultMigrationUser is the default of [DatabaseArgs].MigrationUser.
const defaultMigrationUser = "wikimigration"

// DatabaseArgs describes the wiki's database.
type DatabaseArgs struct {
	// Mode is DatabaseStatefulSet, DatabaseExternal or DatabaseSidecar. Defaults to DatabaseStatefulSet.
	Mode string `pulumi:"mode,optional"`
	// Image is the MariaDB image: https://hub.docker.com/_/mariadb. Defaults to "mariadb:11.8.8".
	Image pulumi.StringInput `pulumi:"image,optional"`
	// Name is the database's name. Defaults to "my_wiki".
	Name pulumi.StringInput `pulumi:"name,optional"`
	// User is the account of web and job Pods. It may read and write rows. Defaults to "wikiuser".
	User pulumi.StringInput `pulumi:"user,optional"`
	// Password is User's password. Defaults to one derived from [MediaWikiStackArgs].MasterSecret. Required for an external database.
	Password pulumi.StringInput `pulumi:"password,optional" provider:"secret"`
	// MigrationUser is the account that may change the schema. Only the migration, restores and imports use it.
	// Defaults to "wikimigration", or to User for an external database.
	MigrationUser pulumi.StringInput `pulumi:"migrationUser,optional"`
	// MigrationPassword is MigrationUser's password. Defaults to one derived from [MediaWikiStackArgs].MasterSecret; for an external
	// database without a MigrationUser, to Password.
	MigrationPassword pulumi.StringInput `pulumi:"migrationPassword,optional" provider:"secret"`
	// Host is the address of an external database, as a Pod reaches it.
	Host pulumi.StringInput `pulumi:"host,optional"`
	// Port is the port of an external database. Defaults to 3306.
	Port pulumi.IntInput `pulumi:"port,optional"`
	// Volume stores the database in mode statefulset. With two replicas, each has such a volume.
	Volume VolumeArgs `pulumi:"volume,optional"`
	// Replicas is the number of databases in mode statefulset, 1 or 2. The second one runs on another node and has a copy of the first
	// one, which `wiki promote` turns into the wiki's database. Defaults to 1.
	Replicas int `pulumi:"replicas,optional"`
	// ReplicaTimeout is the number of seconds that an edit waits until the second database has it, too. After a timeout, edits stop
	// waiting; they wait again when the second database is up to date. Defaults to 10. With 0, edits never wait, and a promotion may lose
	// the last of them.
	// https://mariadb.com/docs/server/ha-and-performance/standard-replication/semisynchronous-replication
	ReplicaTimeout *int `pulumi:"replicaTimeout,optional"`
	// BufferPool is the memory in which MariaDB caches tables in mode statefulset, in MiB. Defaults to the profile's.
	// https://mariadb.com/docs/server/server-usage/storage-engines/innodb/innodb-buffer-pool
	BufferPool int `pulumi:"bufferPool,optional"`
	// Connections is the maximum number of connections in mode statefulset. Defaults to twice what the workers of 16 web Pods need.
	// https://mariadb.com/docs/server/server-management/variables-and-modes/server-system-variables#max_connections
	Connections int `pulumi:"connections,optional"`
}

// VolumeArgs describes a claim for a volume.
// https://kubernetes.io/docs/concepts/storage/persistent-volumes/#persistentvolumeclaims
type VolumeArgs struct {
	// Size is a quantity. It can grow if the storage class can expand volumes. Pods have temporary volumes in proportion to it.
	// Defaults to "8Gi".
	Size string `pulumi:"size,optional"`
	// StorageClass is the name of the storage class. It is fixed when the claim is created. Defaults to the cluster's default class.
	StorageClass pulumi.StringPtrInput `pulumi:"storageClass,optional"`
}

func (db *DatabaseArgs) setDefaults() {
	setDefault(&db.Mode, DatabaseStatefulSet)
	setText(&db.Image, parts.MariaDBImage.Default)
	setText(&db.Name, "my_wiki")
	setText(&db.User, "wikiuser")
	setNumber(&db.Port, parts.DatabasePort)
	setDefault(&db.Volume.Size, defaults.VolumeSize)
	setDefault(&db.Replicas, 1)
	setDefault(&db.ReplicaTimeout, new(defaults.ReplicaTimeout))
	if db.MigrationUser == nil && db.Mode == DatabaseExternal {
		db.MigrationUser = db.User
		if db.MigrationPassword == nil {
			db.MigrationPassword = db.Password
		}
	}
	setText(&db.MigrationUser, defaultMigrationUser)
}

// checkExternal reports missing connection settings of an external database.
func (db DatabaseArgs) checkExternal() error {
	var errs []error
	if db.Host == nil || db.Password == nil {
		errs = append(errs, errors.New("set Database.Host and Database.Password to those of the external database"))
	}
	if db.Password != nil && db.MigrationPassword == nil {
		errs = append(errs, errors.New("set Database.MigrationPassword to that of Database.MigrationUser"))
	}
	return errors.Join(errs...)
}

// checkReplicas reports impossible numbers.
func (db DatabaseArgs) checkReplicas() error {
	var errs []error
	if db.Replicas < 1 || db.Replicas > 2 {
		errs = append(errs, fmt.Errorf("the value of Database.Replicas is %d; set it to 1 or 2", db.Replicas))
	}
	if *db.ReplicaTimeout < 0 {
		errs = append(errs, fmt.Errorf("the value of Database.ReplicaTimeout is %d; set it to 0 or more seconds", *db.ReplicaTimeout))
	}
	return errors.Join(errs...)
}
