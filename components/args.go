package components

import (
	"time"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

// Where the database runs: the values of [DatabaseArgs].Mode.
const (
	// DatabaseSidecar runs MariaDB beside MediaWiki in each Pod. Each replica has a database of its own, and what is
	// written in it is lost with its Pod.
	DatabaseSidecar = "sidecar"
)

// How the wiki is reached: the values of [ServiceArgs].Type.
// https://kubernetes.io/docs/concepts/services-networking/service/#publishing-services-service-types
const (
	ServiceNodePort     = "NodePort"
	ServiceLoadBalancer = "LoadBalancer"
	ServiceClusterIP    = "ClusterIP"
)

// Defaults of [MediaWikiStackArgs].
const (
	DefaultReplicas       = 2
	DefaultMediaWikiImage = "mediawiki:1.43.9"
	DefaultMariaDBImage   = "mariadb:11.8.8"
	DefaultServicePort    = 80
	DefaultDatabaseName   = "my_wiki"
	DefaultDatabaseUser   = "wikiuser"
	DefaultCreateTimeout  = 30 * time.Minute
	DefaultUpdateTimeout  = 30 * time.Minute
	DefaultDeleteTimeout  = 10 * time.Minute
)

// MediaWikiStackArgs describes one wiki.
type MediaWikiStackArgs struct {
	// Namespace holds every object of the wiki. Required.
	Namespace pulumi.StringInput `pulumi:"namespace"`
	// CreateNamespace makes Namespace one of the wiki's own objects, deleted with it. By default it must exist.
	CreateNamespace bool `pulumi:"createNamespace,optional"`

	// MasterSecret is what every password that is not given on its own is derived from: see [DatabaseArgs].
	// It must not change while there is data. Required unless every password is given.
	MasterSecret pulumi.StringInput `pulumi:"masterSecret,optional" provider:"secret"`

	// Replicas is the number of MediaWiki Pods. Default 2.
	// https://kubernetes.io/docs/concepts/workloads/controllers/deployment/#replicas
	Replicas pulumi.IntInput `pulumi:"replicas,optional"`
	// Image is the MediaWiki image: https://hub.docker.com/_/mediawiki. Default "mediawiki:1.43.9".
	Image pulumi.StringInput `pulumi:"image,optional"`

	// Service is how the wiki is reached.
	Service ServiceArgs `pulumi:"service,optional"`
	// Database is where the wiki's pages are kept.
	Database DatabaseArgs `pulumi:"database,optional"`

	// SiteURL is the address readers type, such as "https://wiki.example.org". By default it is made of NodeHost and
	// the node port, of the load balancer's address, or of the Service's name in the cluster, by Service.Type.
	SiteURL pulumi.StringInput `pulumi:"siteUrl,optional"`
	// NodeHost is a name or address under which readers reach a node of the cluster. Default "localhost".
	NodeHost pulumi.StringInput `pulumi:"nodeHost,optional"`

	// Timeouts bound the waiting for objects to be ready or gone.
	Timeouts TimeoutsArgs `pulumi:"timeouts,optional"`
}

// ServiceArgs describes the Service in front of the wiki.
type ServiceArgs struct {
	// Type is ServiceNodePort (the default), ServiceLoadBalancer or ServiceClusterIP.
	Type string `pulumi:"type,optional"`
	// Port is the Service's own port. Default 80.
	Port pulumi.IntInput `pulumi:"port,optional"`
	// NodePort is the port on every node, in the cluster's node-port range. By default Kubernetes chooses one.
	NodePort pulumi.IntPtrInput `pulumi:"nodePort,optional"`
}

// DatabaseArgs describes the wiki's database.
type DatabaseArgs struct {
	// Mode is DatabaseSidecar, the default.
	Mode string `pulumi:"mode,optional"`
	// Image is the MariaDB image: https://hub.docker.com/_/mariadb. Default "mariadb:11.8.8".
	Image pulumi.StringInput `pulumi:"image,optional"`
	// Name is the database's name. Default "my_wiki".
	Name pulumi.StringInput `pulumi:"name,optional"`
	// User is the name of the user that MediaWiki signs in as. Default "wikiuser".
	User pulumi.StringInput `pulumi:"user,optional"`
	// Password is User's password. By default it is derived from [MediaWikiStackArgs].MasterSecret.
	Password pulumi.StringInput `pulumi:"password,optional" provider:"secret"`
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
