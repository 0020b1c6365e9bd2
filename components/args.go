package components

import (
	"time"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

// Where the database runs: the values of [DatabaseArgs].Mode.
const (
	// DatabaseStatefulSet runs one MariaDB for all replicas, on a volume that outlives the stack.
	DatabaseStatefulSet = "statefulset"
	// DatabaseExternal uses a MariaDB that runs elsewhere.
	DatabaseExternal = "external"
	// DatabaseSidecar runs MariaDB beside MediaWiki in each Pod, as the article does: no wiki is installed, each replica
	// has a database of its own, and what is written in it is lost with its Pod. [WikiArgs] has no effect.
	DatabaseSidecar = "sidecar"
)

// How the wiki is reached: the values of [ServiceArgs].Type.
// https://kubernetes.io/docs/concepts/services-networking/service/#publishing-services-service-types
const (
	ServiceNodePort     = "NodePort"
	ServiceLoadBalancer = "LoadBalancer"
	ServiceClusterIP    = "ClusterIP"
)

// How the wiki writes: the values of [MediaWikiStackArgs].Storage.
const (
	// StorageDurable has an edit on the disk before it is acknowledged.
	StorageDurable = "durable"
	// StorageGentle is for SD cards: fewer and larger writes. When the power fails, up to the last five seconds of edits are lost; when
	// only a program ends, none. There is no log of requests.
	StorageGentle = "gentle"
)

// Defaults of [MediaWikiStackArgs].
const (
	DefaultReplicas       = 2
	DefaultMediaWikiImage = "mediawiki:1.43.9"
	DefaultMariaDBImage   = "mariadb:11.8.8"
	DefaultResticImage    = "restic/restic:0.19.1"
	DefaultVarnishImage   = "varnish:9.0.3"
	DefaultMemcachedImage = "memcached:1.6.45"
	DefaultServicePort    = 80
	DefaultDatabaseName   = "my_wiki"
	DefaultDatabaseUser   = "wikiuser"
	DefaultMigrationUser  = "wikimigration"
	DefaultDatabasePort   = 3306
	DefaultVolumeSize     = "8Gi"
	DefaultBackupSchedule = "17 3 * * *"
	DefaultDrillSchedule  = "47 4 * * 0"
	DefaultBackupsKept    = 7
	DefaultCreateTimeout  = 30 * time.Minute
	DefaultUpdateTimeout  = 30 * time.Minute
	DefaultDeleteTimeout  = 10 * time.Minute
)

// MaxReplicas is how many web Pods the database of mode statefulset has connections for by default.
const MaxReplicas = 16

// MaxCaches is how many Varnish Pods each edit may have to tell of it.
const MaxCaches = 8

// MediaWikiStackArgs describes one wiki.
type MediaWikiStackArgs struct {
	// Namespace holds every object of the wiki. Required.
	Namespace pulumi.StringInput `pulumi:"namespace"`
	// CreateNamespace makes Namespace one of the wiki's own objects, deleted with it unless it holds data that is kept.
	// By default it must exist.
	CreateNamespace bool `pulumi:"createNamespace,optional"`

	// MasterSecret is what every secret that is not given on its own is derived from.
	// It must not change while there is data. Required.
	MasterSecret pulumi.StringInput `pulumi:"masterSecret" provider:"secret"`

	// Replicas is the number of MediaWiki Pods. Default 2.
	// https://kubernetes.io/docs/concepts/workloads/controllers/deployment/#replicas
	Replicas pulumi.IntInput `pulumi:"replicas,optional"`
	// Image is the MediaWiki image: https://hub.docker.com/_/mediawiki. Default "mediawiki:1.43.9".
	Image pulumi.StringInput `pulumi:"image,optional"`

	// Profile is how much of a machine the wiki takes, by one of the constants that begin with Profile: it is what numbers are by
	// default that have no default of their own. Default ProfileSmall. [DatabaseSidecar] has no use for it.
	Profile string `pulumi:"profile,optional"`
	// Memory is what all Pods that run all the time may take together, in MiB: a wiki that could take more is refused. By default it is
	// the profile's; small and large, which know no machine, have no bound.
	Memory int `pulumi:"memory,optional"`
	// Storage is StorageDurable (the default) or StorageGentle.
	Storage string `pulumi:"storage,optional"`

	// Web is how much of the machine each web Pod takes.
	Web WebArgs `pulumi:"web,optional"`
	// Service is how the wiki is reached.
	Service ServiceArgs `pulumi:"service,optional"`
	// Cache keeps copies of pages for readers who have no session.
	Cache CacheArgs `pulumi:"cache,optional"`
	// ObjectCache keeps what MediaWiki can make again.
	ObjectCache ObjectCacheArgs `pulumi:"objectCache,optional"`
	// Database is where the wiki's pages are kept.
	Database DatabaseArgs `pulumi:"database,optional"`
	// Wiki is what its readers and editors see.
	Wiki WikiArgs `pulumi:"wiki,optional"`
	// Backups are copies of database and uploads.
	Backups BackupsArgs `pulumi:"backups,optional"`
	// DeleteData deletes the volumes of database, uploads and backups, with all that is in them, together with the wiki.
	// By default they stay, and a wiki that comes back under the same name finds them.
	DeleteData bool `pulumi:"deleteData,optional"`

	// SiteURL is the address readers type, such as "https://wiki.example.org". By default it is made of NodeHost and
	// the node port, of the load balancer's address, or of the Service's name in the cluster, by Service.Type.
	SiteURL pulumi.StringInput `pulumi:"siteUrl,optional"`
	// NodeHost is a name or address under which readers reach a node of the cluster. Default "localhost".
	NodeHost pulumi.StringInput `pulumi:"nodeHost,optional"`

	// Egress is where MediaWiki may connect to outside the wiki, as "CIDR:PORT", see [ParseDestination]. Default nowhere.
	Egress []string `pulumi:"egress,optional"`
	// Timeouts bound the waiting for objects to be ready or gone.
	Timeouts TimeoutsArgs `pulumi:"timeouts,optional"`
}

// WebArgs sizes a web Pod. Its memory limit is what all its workers may take at once, with its caches.
type WebArgs struct {
	// Workers is how many requests it works on at a time. Default by the profile.
	// https://httpd.apache.org/docs/2.4/mod/mpm_common.html#maxrequestworkers
	Workers int `pulumi:"workers,optional"`
	// RequestMemory is what PHP may take for one request, in MiB. Default by the profile.
	// https://www.php.net/manual/en/ini.core.php#ini.memory-limit
	RequestMemory int `pulumi:"requestMemory,optional"`
	// Opcache is the memory for compiled PHP, in MiB. Default by the profile.
	// https://www.php.net/manual/en/opcache.configuration.php#ini.opcache.memory-consumption
	Opcache int `pulumi:"opcache,optional"`
	// APCu is the memory for what a Pod remembers of its own, in MiB. Default by the profile.
	// https://www.php.net/manual/en/apcu.configuration.php#ini.apcu.shm-size
	APCu int `pulumi:"apcu,optional"`
}

// ServiceArgs describes the Service in front of the wiki.
type ServiceArgs struct {
	// Type is ServiceNodePort (the default), ServiceLoadBalancer or ServiceClusterIP.
	Type string `pulumi:"type,optional"`
	// Port is the Service's own port. Default 80.
	Port pulumi.IntInput `pulumi:"port,optional"`
	// NodePort is the port on every node, in the cluster's node-port range. By default Kubernetes chooses one.
	NodePort pulumi.IntPtrInput `pulumi:"nodePort,optional"`
	// TrustedProxies are addresses of proxies in front of the wiki, or ranges of addresses such as "10.1.0.0/16". A request that comes from
	// one of them is its reader's whom X-Forwarded-For names. Nobody else is believed. By default nobody is.
	TrustedProxies []string `pulumi:"trustedProxies,optional"`
}

// CacheArgs describes what answers readers without a session. A private wiki has none of it.
type CacheArgs struct {
	// Disabled has the web Pods answer all readers.
	Disabled bool `pulumi:"disabled,optional"`
	// Replicas is the number of Varnish Pods, 1 to 8. Default by the profile: of one, readers notice when it starts anew.
	Replicas int `pulumi:"replicas,optional"`
	// Size is the memory for copies in each Pod, in MiB. Default by the profile.
	Size int `pulumi:"size,optional"`
	// Unlimited lets strangers ask for histories, differences, old revisions and searches as they like. By default each of them may ask
	// for ten a second, and two are worked on at a time by each Varnish Pod.
	Unlimited bool `pulumi:"unlimited,optional"`
	// Image is Varnish's, 7.6 or newer, of Debian: https://hub.docker.com/_/varnish. Default "varnish:9.0.3".
	Image pulumi.StringInput `pulumi:"image,optional"`
}

// DatabaseArgs describes the wiki's database.
type DatabaseArgs struct {
	// Mode is DatabaseStatefulSet (the default), DatabaseExternal or DatabaseSidecar.
	Mode string `pulumi:"mode,optional"`
	// Image is the MariaDB image: https://hub.docker.com/_/mariadb. Default "mariadb:11.8.8".
	Image pulumi.StringInput `pulumi:"image,optional"`
	// Name is the database's name. Default "my_wiki".
	Name pulumi.StringInput `pulumi:"name,optional"`
	// User is the account that web and job Pods sign in with. It may read and write rows. Default "wikiuser".
	User pulumi.StringInput `pulumi:"user,optional"`
	// Password is User's password. By default it is derived from [MediaWikiStackArgs].MasterSecret; of an external
	// database it must be given.
	Password pulumi.StringInput `pulumi:"password,optional" provider:"secret"`
	// MigrationUser is the account that may change the schema; only the migration signs in with it.
	// Default "wikimigration", and of an external database User.
	MigrationUser pulumi.StringInput `pulumi:"migrationUser,optional"`
	// MigrationPassword is MigrationUser's password. By default it is derived from MasterSecret, and of an external
	// database it is Password.
	MigrationPassword pulumi.StringInput `pulumi:"migrationPassword,optional" provider:"secret"`
	// Host and Port are where an external database answers. Port's default is 3306.
	Host pulumi.StringInput `pulumi:"host,optional"`
	Port pulumi.IntInput    `pulumi:"port,optional"`
	// Volume is what the database of mode statefulset lies on.
	Volume VolumeArgs `pulumi:"volume,optional"`
	// BufferPool is the memory that it keeps pages of tables in, in MiB. Default by the profile.
	// https://mariadb.com/docs/server/server-usage/storage-engines/innodb/innodb-buffer-pool
	BufferPool int `pulumi:"bufferPool,optional"`
	// Connections is how many it takes. Default twice what the workers of MaxReplicas web Pods need.
	// https://mariadb.com/docs/server/server-management/variables-and-modes/server-system-variables#max_connections
	Connections int `pulumi:"connections,optional"`
}

// BackupsArgs describes what is kept against loss.
type BackupsArgs struct {
	// Disabled makes no backups and no drills by the clock. Backups that there are stay, and both can be done by hand.
	Disabled bool `pulumi:"disabled,optional"`
	// Schedule is when backups are made, in the wiki's time zone: https://en.wikipedia.org/wiki/Cron. Default "17 3 * * *".
	Schedule pulumi.StringInput `pulumi:"schedule,optional"`
	// DrillSchedule is when the newest backup is loaded into a database of its own, to prove that it can be restored.
	// Default "47 4 * * 0".
	DrillSchedule pulumi.StringInput `pulumi:"drillSchedule,optional"`
	// Keep is the number of backups that are kept; older ones are deleted. Default 7.
	Keep pulumi.IntInput `pulumi:"keep,optional"`
	// Volume is what backups lie on, among them the dump that is made before each change of the schema.
	Volume VolumeArgs `pulumi:"volume,optional"`
	// Remote is where copies are kept. By default nowhere.
	Remote RemoteArgs `pulumi:"remote,optional"`
	// RestoreFrom is the name of a backup, on Volume or at Remote, or RestoreLatest: a wiki whose database is empty is made of it
	// instead of being installed. By default it is installed. On a wiki that is there it has no effect.
	RestoreFrom pulumi.StringInput `pulumi:"restoreFrom,optional"`
}

// RestoreLatest is the [BackupsArgs].RestoreFrom that means the newest backup there is.
const RestoreLatest = "latest"

// RemoteArgs describes a restic repository, in which one wiki's backups are copied: https://restic.readthedocs.io.
type RemoteArgs struct {
	// Address is "s3:https://HOST/BUCKET/PATH" or "sftp://USER@HOST/PATH", see [ParseRemote].
	Address string `pulumi:"address,optional"`
	// Key is S3's access key ID.
	Key pulumi.StringInput `pulumi:"key,optional"`
	// Secret is S3's secret access key, or for SFTP a private key as ssh-keygen writes it, without a passphrase.
	Secret pulumi.StringInput `pulumi:"secret,optional" provider:"secret"`
	// KnownHosts are the keys of the SFTP server, as ssh-keyscan prints them. No other server is spoken to.
	KnownHosts pulumi.StringInput `pulumi:"knownHosts,optional"`
	// Password encrypts the copies. By default it is derived from [MediaWikiStackArgs].MasterSecret.
	Password pulumi.StringInput `pulumi:"password,optional" provider:"secret"`
	// Image is restic's, 0.17 or newer, with OpenSSH's client: https://hub.docker.com/r/restic/restic. Default "restic/restic:0.19.1".
	Image pulumi.StringInput `pulumi:"image,optional"`
}

// VolumeArgs describes a claim for a volume.
// https://kubernetes.io/docs/concepts/storage/persistent-volumes/#persistentvolumeclaims
type VolumeArgs struct {
	// Size is a quantity such as "8Gi", the default. It can grow where the storage class can expand volumes.
	Size pulumi.StringInput `pulumi:"size,optional"`
	// StorageClass is the class's name; the default is the cluster's. It is settled when the claim is made.
	StorageClass pulumi.StringPtrInput `pulumi:"storageClass,optional"`
}

// TimeoutsArgs bounds the waiting for one object. Zero means the default.
type TimeoutsArgs struct {
	// Create bounds the waiting for a new object to be ready. Default 30 minutes: a Raspberry Pi pulls images for ten.
	Create time.Duration `pulumi:"create,optional"`
	// Update bounds the waiting for a changed object to be ready. Default 30 minutes.
	Update time.Duration `pulumi:"update,optional"`
	// Delete bounds the waiting for an object to be gone. Default 10 minutes.
	Delete time.Duration `pulumi:"delete,optional"`
}
