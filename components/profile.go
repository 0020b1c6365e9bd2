package components

import (
	"errors"
	"fmt"
)

// Default sizes: the values of [MediaWikiStackArgs].Profile.
const (
	// ProfilePi2G is for a Raspberry Pi with 2 GB.
	ProfilePi2G = "pi-2g"
	// ProfilePi4G is for a Raspberry Pi with 4 GB.
	ProfilePi4G = "pi-4g"
	// ProfilePi8G is for a Raspberry Pi with 8 GB.
	ProfilePi8G = "pi-8g"
	// ProfileSmall is for a small server, or for a wiki that shares a larger one.
	ProfileSmall = "small"
	// ProfileLarge is for a server with 16 GB that runs nothing else.
	ProfileLarge = "large"
)

// Profile holds default sizes. All memory values are in MiB.
type Profile struct {
	Memory        int // see [MediaWikiStackArgs].Memory; 0 for no limit
	Workers       int // see [WebArgs], as the next three
	RequestMemory int
	Opcache       int
	APCu          int
	Caches        int // see [CacheArgs].Replicas
	CacheSize     int // see [CacheArgs].Size
	ObjectCache   int // see [ObjectCacheArgs].Size
	BufferPool    int // see [DatabaseArgs].BufferPool
}

// Profiles maps the names of profiles to their sizes.
var Profiles = map[string]Profile{
	ProfilePi2G: {
		Memory: 1480, Workers: 2, RequestMemory: 96, Opcache: 80, APCu: 8, Caches: 1, CacheSize: 16, ObjectCache: 16, BufferPool: 32,
	},
	ProfilePi4G: {
		Memory: 2700, Workers: 4, RequestMemory: 128, Opcache: 96, APCu: 16, Caches: 2, CacheSize: 32, ObjectCache: 32, BufferPool: 96,
	},
	ProfilePi8G: {
		Memory: 5200, Workers: 6, RequestMemory: 192, Opcache: 128, APCu: 32, Caches: 2, CacheSize: 128, ObjectCache: 64, BufferPool: 384,
	},
	ProfileSmall: {
		Workers: 8, RequestMemory: 128, Opcache: 128, APCu: 32, Caches: 2, CacheSize: 64, ObjectCache: 64, BufferPool: 128,
	},
	ProfileLarge: {
		Workers: 16, RequestMemory: 192, Opcache: 192, APCu: 64, Caches: 2, CacheSize: 512, ObjectCache: 256, BufferPool: 1024,
	},
}

// setSizes sets every size that is 0 to the profile's.
func (args *MediaWikiStackArgs) setSizes() {
	setDefault(&args.Profile, ProfileSmall)
	profile := Profiles[args.Profile]
	for size, value := range map[*int]int{
		&args.Memory:              profile.Memory,
		&args.Web.Workers:         profile.Workers,
		&args.Web.RequestMemory:   profile.RequestMemory,
		&args.Web.Opcache:         profile.Opcache,
		&args.Web.APCu:            profile.APCu,
		&args.Cache.Replicas:      profile.Caches,
		&args.Cache.Size:          profile.CacheSize,
		&args.ObjectCache.Size:    profile.ObjectCache,
		&args.Database.BufferPool: profile.BufferPool,
	} {
		setDefault(size, value)
	}
	setDefault(&args.Database.Connections, connections(MaxReplicas, args.Web.Workers))
}

// connections returns how many connections the database must accept: twice what is used when all workers are busy during a rollout, which
// runs one extra Pod, together with the job runner, the migration, backups and an operator.
func connections(replicas, workers int) int {
	const surge, others = 1, 5
	return 2 * ((replicas+surge)*workers + others)
}

// Memory that programs use beyond the sizes of a profile, in MiB, as measured in docs/decisions/0025-profiles.md.
const (
	apacheMemory     = 48 // Apache, its worker for the kubelet, and the memory that its workers share
	workerMemory     = 16 // a worker, beyond the memory limit of its request
	filesMemory      = 32 // Apache without PHP, and buffers for slow readers
	jobsMemory       = 128
	mariadbMemory    = 160
	connectionMemory = 1
	memcachedMemory  = 24  // threads, connections, and the hash table
	threadMemory     = 320 // in KiB: a thread of Varnish and its request
	compilerMemory   = 128 // the C compiler that compiles Varnish's settings, before it caches pages
)

// limit returns the memory limit of a web Pod: all its workers are busy, each at the memory limit of its request.
func (w WebArgs) limit() int {
	return apacheMemory + w.Opcache + w.APCu + w.Workers*(w.RequestMemory+workerMemory)
}

// request returns the memory of an idle web Pod.
func (w WebArgs) request() int { return 96 + w.Opcache + w.APCu }

// jobsLimit returns the memory limit of the job runner: one request, and ImageMagick beside it.
func (w WebArgs) jobsLimit() int { return jobsMemory + w.RequestMemory }

func (db DatabaseArgs) limit() int {
	return mariadbMemory + db.BufferPool + db.BufferPool/8 + db.Connections*connectionMemory
}

// request returns the memory of an idle MariaDB, and of the buffers that it will fill.
func (db DatabaseArgs) request() int { return 96 + db.BufferPool }

func (c ObjectCacheArgs) limit() int { return c.Size + c.Size/8 + memcachedMemory }

// request returns the memory of a full memcached.
func (c ObjectCacheArgs) request() int { return c.Size + 8 }

// Sizes is how much a wiki can use at the same time, and how much it may.
type Sizes struct {
	// Memory is the limit for all Pods that run permanently, in MiB, or 0 if there is none. Most is how much they can use.
	Memory, Most int
	// Connections is how many connections the database accepts. MostConnections is twice what can be used. Both are 0 for an external
	// database.
	Connections, MostConnections int
}

// Sizes returns the sizes of the wiki with that many web Pods.
func (args *MediaWikiStackArgs) Sizes(replicas int) Sizes {
	args = args.withDefaults()
	s := Sizes{Memory: args.Memory}
	for _, part := range args.PodNeeds("", replicas) {
		for _, need := range part.Containers {
			if !part.Passing {
				s.Most += part.Pods * need.MemoryLimit
			}
		}
	}
	if args.Database.Mode == DatabaseStatefulSet {
		s.Connections, s.MostConnections = args.Database.Connections, connections(replicas, args.Web.Workers)
	}
	return s
}

// checkSizes reports sizes that do not fit together when everything is busy.
func (args *MediaWikiStackArgs) checkSizes() error {
	var errs []error
	replicas := *args.Replicas
	s := args.Sizes(replicas)
	if s.Memory > 0 && s.Most > s.Memory {
		errs = append(errs, fmt.Errorf(
			"with %d replicas the wiki may use %d MiB, but Memory is %d; "+
				"increase Memory, or reduce Replicas, Web.Workers or Web.RequestMemory",
			replicas, s.Most, s.Memory))
	}
	if s.Connections < s.MostConnections {
		errs = append(errs, fmt.Errorf("the value of Database.Connections is %d; set it to %d or more for %d replicas of %d workers",
			s.Connections, s.MostConnections, replicas, args.Web.Workers))
	}
	return errors.Join(errs...)
}
