// Package choices lists the values of settings that have a fixed set of them. The package components describes each value.
package choices

// Where the database runs.
const (
	DatabaseStatefulSet = "statefulset"
	DatabaseExternal    = "external"
	DatabaseSidecar     = "sidecar"
)

// How readers reach the wiki.
const (
	ServiceNodePort     = "NodePort"
	ServiceLoadBalancer = "LoadBalancer"
	ServiceClusterIP    = "ClusterIP"
)

// How many of IPv4 and IPv6 a Service has.
const (
	SingleStack      = "SingleStack"
	PreferDualStack  = "PreferDualStack"
	RequireDualStack = "RequireDualStack"
)

// Permissions to read and edit.
const (
	AccessReadOnly = "readOnly"
	AccessPublic   = "public"
	AccessPrivate  = "private"
)

// What crawlers are asked to fetch.
const (
	RobotsPages = "pages"
	RobotsNone  = "none"
)

// How many nodes can mount a volume.
const (
	ReadWriteOnce = "ReadWriteOnce"
	ReadWriteMany = "ReadWriteMany"
)

// Which default sizes the wiki has.
const (
	ProfilePi2G  = "pi-2g"
	ProfilePi4G  = "pi-4g"
	ProfilePi8G  = "pi-8g"
	ProfileSmall = "small"
	ProfileLarge = "large"
)

// How edits are written to disk.
const (
	StorageDurable = "durable"
	StorageGentle  = "gentle"
)

// The sets of values, the default first.
var (
	DatabaseModes    = []string{DatabaseStatefulSet, DatabaseExternal, DatabaseSidecar}
	ServiceTypes     = []string{ServiceNodePort, ServiceLoadBalancer, ServiceClusterIP}
	IPFamilyPolicies = []string{SingleStack, PreferDualStack, RequireDualStack}
	AccessLevels     = []string{AccessReadOnly, AccessPublic, AccessPrivate}
	RobotsRules      = []string{RobotsPages, RobotsNone}
	AccessModes      = []string{ReadWriteOnce, ReadWriteMany}
	Profiles         = []string{ProfileSmall, ProfilePi2G, ProfilePi4G, ProfilePi8G, ProfileLarge}
	StorageModes     = []string{StorageDurable, StorageGentle}
)
