package components

import (
	"time"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/mediawiki-stack/mediawiki-stack/internal/addresses"
	"github.com/mediawiki-stack/mediawiki-stack/internal/choices"
	"github.com/mediawiki-stack/mediawiki-stack/internal/defaults"
	"github.com/mediawiki-stack/mediawiki-stack/internal/parts"
)

// How edits are written to disk: the values of [MediaWikiStackArgs].Storage.
const (
	// StorageDurable writes an edit to disk before it is acknowledged.
	StorageDurable = choices.StorageDurable
	// StorageGentle is for SD cards: fewer and larger writes, and no access log. A power failure loses up to the last five seconds of
	// edits; a crash of a program loses none.
	StorageGentle = choices.StorageGentle
)

// MediaWikiStackArgs describes one wiki.
type MediaWikiStackArgs struct {
	// Namespace is the namespace of every object of the wiki. Required.
	Namespace pulumi.StringInput `pulumi:"namespace"`
	// CreateNamespace creates Namespace, and deletes it with the wiki unless it holds data that is kept.
	// Defaults to false: the namespace must exist.
	CreateNamespace bool `pulumi:"createNamespace,optional"`
	// KeepData keeps the volumes of database, uploads and backups when the wiki is destroyed. A wiki that is created again under the same
	// name adopts them. False deletes them, with everything in them. Defaults to true.
	KeepData *bool `pulumi:"keepData,optional"`

	// MasterSecret is the secret from which every password that is not set is derived. It must not change while the wiki has data.
	// Required.
	MasterSecret pulumi.StringInput `pulumi:"masterSecret" provider:"secret"`

	// Profile selects default sizes: ProfilePi2G, ProfilePi4G, ProfilePi8G, ProfileSmall or ProfileLarge. It sets every size that is 0.
	// It has no effect if Database.Mode is [DatabaseSidecar]. Defaults to ProfileSmall.
	Profile string `pulumi:"profile,optional"`
	// Memory is the limit for all Pods that run permanently, in MiB. A wiki that could use more is refused.
	// Defaults to the profile's limit; ProfileSmall and ProfileLarge have none.
	Memory int `pulumi:"memory,optional"`
	// Storage is StorageDurable or StorageGentle. Defaults to StorageDurable.
	Storage string `pulumi:"storage,optional"`

	// Replicas is the number of MediaWiki Pods. Defaults to 2.
	// https://kubernetes.io/docs/concepts/workloads/controllers/deployment/#replicas
	Replicas *int `pulumi:"replicas,optional"`
	// Autoscaling adjusts the number of MediaWiki Pods to their CPU usage. Defaults to a fixed number. It has no effect if Database.Mode
	// is [DatabaseSidecar].
	Autoscaling AutoscalingArgs `pulumi:"autoscaling,optional"`
	// Image is the MediaWiki image: https://hub.docker.com/_/mediawiki. Defaults to "mediawiki:1.43.9".
	Image pulumi.StringInput `pulumi:"image,optional"`
	// Web sizes each web Pod.
	Web WebArgs `pulumi:"web,optional"`
	// Service is how readers reach the wiki.
	Service ServiceArgs `pulumi:"service,optional"`
	// Cache answers anonymous readers with cached pages.
	Cache CacheArgs `pulumi:"cache,optional"`
	// ObjectCache is MediaWiki's shared cache.
	ObjectCache ObjectCacheArgs `pulumi:"objectCache,optional"`
	// Database stores the wiki's pages.
	Database DatabaseArgs `pulumi:"database,optional"`
	// Wiki is what readers and editors see.
	Wiki WikiArgs `pulumi:"wiki,optional"`
	// Backups are backups of database and uploads.
	Backups BackupsArgs `pulumi:"backups,optional"`

	// SiteURL is the address that readers type, such as "https://wiki.example.org". By default it is built from NodeHost and the node port,
	// from the load balancer's address, or from the Service's name in the cluster, depending on Service.Type.
	SiteURL string `pulumi:"siteUrl,optional"`
	// NodeHost is a name or address under which readers reach a node of the cluster. Defaults to "localhost".
	NodeHost pulumi.StringInput `pulumi:"nodeHost,optional"`
	// Aliases are other hosts, such as "www.example.org", whose readers are redirected to SiteURL. Defaults to none.
	Aliases []string `pulumi:"aliases,optional"`
	// HSTS is the number of seconds for which browsers refuse to reach the hosts of SiteURL and of Aliases without TLS: the max-age of
	// Strict-Transport-Security.
	// Defaults to 0, which sends no such header.
	HSTS int `pulumi:"hsts,optional"`
	// Ingress is how an ingress controller serves the wiki. Defaults to none: readers reach Service itself.
	Ingress IngressArgs `pulumi:"ingress,optional"`
	// Monitoring is what Prometheus and Grafana get.
	Monitoring MonitoringArgs `pulumi:"monitoring,optional"`
	// Egress lists where MediaWiki may connect to outside the wiki, as "CIDR:PORT". Defaults to nowhere.
	Egress []string `pulumi:"egress,optional"`

	// Timeouts limit how long to wait for each object.
	Timeouts TimeoutsArgs `pulumi:"timeouts,optional"`
}

// WebArgs sizes a web Pod. Its memory limit is enough for all its workers at once, plus its caches.
type WebArgs struct {
	// Workers is the number of requests that the Pod handles at the same time. Defaults to the profile's number.
	// https://httpd.apache.org/docs/2.4/mod/mpm_common.html#maxrequestworkers
	Workers int `pulumi:"workers,optional"`
	// RequestMemory is the PHP memory limit of one request, in MiB. Defaults to the profile's.
	// https://www.php.net/manual/en/ini.core.php#ini.memory-limit
	RequestMemory int `pulumi:"requestMemory,optional"`
	// Opcache is the memory for compiled PHP, in MiB. Defaults to the profile's.
	// https://www.php.net/manual/en/opcache.configuration.php#ini.opcache.memory-consumption
	Opcache int `pulumi:"opcache,optional"`
	// APCu is the memory of the Pod's local cache, in MiB. Defaults to the profile's.
	// https://www.php.net/manual/en/apcu.configuration.php#ini.apcu.shm-size
	APCu int `pulumi:"apcu,optional"`
}

// TimeoutsArgs limits how long to wait for one object, as durations such as "90s", "30m" or "1h".
type TimeoutsArgs struct {
	// Create is how long to wait for a new object to become ready. Defaults to "30m": a Raspberry Pi pulls images for ten minutes.
	Create string `pulumi:"create,optional"`
	// Update is how long to wait for a changed object to become ready. Defaults to "30m".
	Update string `pulumi:"update,optional"`
	// Delete is how long to wait for an object to be deleted. Defaults to "10m".
	Delete string `pulumi:"delete,optional"`
}

// withDefaults returns a copy of args with a value in every optional field that has a default.
func (args *MediaWikiStackArgs) withDefaults() *MediaWikiStackArgs {
	out := MediaWikiStackArgs{}
	if args != nil {
		out = *args
	}
	if normal, err := addresses.ParseSiteURL(out.SiteURL); err == nil { // so that another form of the same address changes nothing
		out.SiteURL = normal
	}
	setDefault(&out.KeepData, new(true))
	setDefault(&out.Profile, ProfileSmall)
	setDefault(&out.Storage, StorageDurable)
	setDefault(&out.Replicas, new(defaults.Replicas))
	out.Autoscaling.setDefaults(*out.Replicas)
	setText(&out.Image, parts.MediaWikiImage.Default)
	out.Service.setDefaults()
	out.setIngress()
	out.Cache.setDefaults()
	setText(&out.ObjectCache.Image, parts.MemcachedImage.Default)
	out.Database.setDefaults()
	out.Wiki.setDefaults()
	out.Backups.setDefaults()
	out.Monitoring.setDefaults()
	setText(&out.NodeHost, "localhost")
	setDefault(&out.Timeouts.Create, "30m")
	setDefault(&out.Timeouts.Update, "30m")
	setDefault(&out.Timeouts.Delete, "10m")
	return &out
}

// resourceOption returns the timeouts as an option of each object.
func (t TimeoutsArgs) resourceOption() pulumi.ResourceOption {
	return pulumi.Timeouts(&pulumi.CustomTimeouts{Create: t.Create, Update: t.Update, Delete: t.Delete})
}

// createSeconds returns Create in seconds. check has parsed it.
func (t TimeoutsArgs) createSeconds() pulumi.Int {
	create, err := time.ParseDuration(t.Create)
	if err != nil {
		return 0
	}
	return pulumi.Int(create.Seconds())
}
