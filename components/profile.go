package components

import (
	"cmp"
	"errors"
	"fmt"
)

// How much of a machine a wiki takes: the values of [MediaWikiStackArgs].Profile.
const (
	// ProfilePi2G is for a Raspberry Pi with 2 GB.
	ProfilePi2G = "pi-2g"
	// ProfilePi4G is for a Raspberry Pi with 4 GB.
	ProfilePi4G = "pi-4g"
	// ProfilePi8G is for a Raspberry Pi with 8 GB.
	ProfilePi8G = "pi-8g"
	// ProfileSmall is for a small server, or one among others on a larger one.
	ProfileSmall = "small"
	// ProfileLarge is for a wiki that has a server of 16 GB to itself.
	ProfileLarge = "large"
)

// Profile is what the numbers are that a wiki is not given. All memory is in MiB.
type Profile struct {
	Memory        int // see [MediaWikiStackArgs].Memory; 0 where the machine is not known
	Workers       int // see [WebArgs], as the next three
	RequestMemory int
	Opcache       int
	APCu          int
	Caches        int // see [CacheArgs].Replicas
	CacheSize     int // see [CacheArgs].Size
	ObjectCache   int // see [ObjectCacheArgs].Size
	BufferPool    int // see [DatabaseArgs].BufferPool
}

// Profiles are the profiles by their names.
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

// setSizes fills in from the profile what has no number of its own.
func (args *MediaWikiStackArgs) setSizes() {
	setDefault(&args.Profile, ProfileSmall)
	of := Profiles[args.Profile]
	for _, number := range []struct {
		of        *int
		otherwise int
	}{
		{&args.Memory, of.Memory},
		{&args.Web.Workers, of.Workers},
		{&args.Web.RequestMemory, of.RequestMemory},
		{&args.Web.Opcache, of.Opcache},
		{&args.Web.APCu, of.APCu},
		{&args.Cache.Replicas, of.Caches},
		{&args.Cache.Size, of.CacheSize},
		{&args.ObjectCache.Size, of.ObjectCache},
		{&args.Database.BufferPool, of.BufferPool},
	} {
		*number.of = cmp.Or(*number.of, number.otherwise)
	}
	args.Database.Connections = cmp.Or(args.Database.Connections, connections(MaxReplicas, args.Web.Workers))
}

// connections are those that the database has to take: twice what all workers ask for while one Pod more than replicas runs, as in a
// rollout, and with them the job runner, the migration, backups and whoever looks on.
func connections(replicas, workers int) int {
	const surge, others = 1, 5
	return 2 * ((replicas+surge)*workers + others)
}

// Memory that programs may take beyond the numbers of a profile, in MiB: docs/decisions/0025-profiles.md says how much they did.
const (
	apacheMemory     = 48 // Apache, its worker for the kubelet, and what all its workers share
	workerMemory     = 16 // a worker, beyond what its request may take
	filesMemory      = 32 // Apache without PHP, and what is on its way to slow readers
	jobsMemory       = 128
	mariadbMemory    = 160
	connectionMemory = 1
	memcachedMemory  = 24  // threads, connections, and the table of keys
	threadMemory     = 320 // in KiB: one of Varnish's, with the request that it works on
	compilerMemory   = 128 // of Varnish's settings, before it keeps pages
)

// limit is what a web Pod may take: all its workers at once, each with as much as its request may.
func (w WebArgs) limit() int {
	return apacheMemory + w.Opcache + w.APCu + w.Workers*(w.RequestMemory+workerMemory)
}

// request is what a web Pod has when it is idle.
func (w WebArgs) request() int { return 96 + w.Opcache + w.APCu }

// jobsLimit is what the job runner may take: one request's worth, and ImageMagick beside it.
func (w WebArgs) jobsLimit() int { return jobsMemory + w.RequestMemory }

func (db DatabaseArgs) limit() int {
	return mariadbMemory + db.BufferPool + db.BufferPool/8 + db.Connections*connectionMemory
}

// request is what an idle MariaDB has, and the buffers that it will fill.
func (db DatabaseArgs) request() int { return 96 + db.BufferPool }

func (c ObjectCacheArgs) limit() int { return c.Size + c.Size/8 + memcachedMemory }

// request is what it has when it is full.
func (c ObjectCacheArgs) request() int { return c.Size + 8 }

// Sizes are what a wiki may take at once, and what it has.
type Sizes struct {
	// Memory is what all Pods that run all the time may take together, in MiB, or 0 if there is no bound; Most is what they can take.
	Memory, Most int
	// Connections are those that the database takes, and MostConnections twice those that can be asked for. Both are 0 if it is not ours.
	Connections, MostConnections int
}

// Sizes computes what the wiki may take with that many web Pods.
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

// checkSizes finds what would not fit if everything were busy at once.
func (args *MediaWikiStackArgs) checkSizes() error {
	var errs []error
	replicas := *args.Replicas
	s := args.Sizes(replicas)
	if s.Memory > 0 && s.Most > s.Memory {
		errs = append(errs, fmt.Errorf(
			"with %d replicas the wiki may take %d MiB, and Memory is %d; make it larger, or other numbers smaller",
			replicas, s.Most, s.Memory))
	}
	if s.Connections < s.MostConnections {
		errs = append(errs, fmt.Errorf("the value of Database.Connections is %d; set it to %d or more for %d replicas of %d workers",
			s.Connections, s.MostConnections, replicas, args.Web.Workers))
	}
	return errors.Join(errs...)
}
