package sizes

import "github.com/mediawiki-stack/mediawiki-stack/internal/choices"

// Profile holds default sizes. All memory values are in MiB.
type Profile struct {
	Memory        int // see [Wiki].Memory; 0 for no limit
	Workers       int // see [Web], as the next three
	RequestMemory int
	Opcache       int
	APCu          int
	Caches        int // see [Cache].Replicas
	CacheSize     int // see [Cache].Size
	ObjectCache   int // see [ObjectCache].Size
	BufferPool    int // see [Database].BufferPool
}

// Profiles maps the names of profiles to their sizes.
var Profiles = map[string]Profile{
	choices.ProfilePi2G: {
		Memory: 1500, Workers: 2, RequestMemory: 96, Opcache: 80, APCu: 8, Caches: 1, CacheSize: 16, ObjectCache: 16, BufferPool: 32,
	},
	choices.ProfilePi4G: {
		Memory: 2700, Workers: 4, RequestMemory: 128, Opcache: 96, APCu: 16, Caches: 2, CacheSize: 32, ObjectCache: 32, BufferPool: 96,
	},
	choices.ProfilePi8G: {
		Memory: 5200, Workers: 6, RequestMemory: 192, Opcache: 128, APCu: 32, Caches: 2, CacheSize: 128, ObjectCache: 64, BufferPool: 384,
	},
	choices.ProfileSmall: {
		Workers: 8, RequestMemory: 128, Opcache: 128, APCu: 32, Caches: 2, CacheSize: 64, ObjectCache: 64, BufferPool: 128,
	},
	choices.ProfileLarge: {
		Workers: 16, RequestMemory: 192, Opcache: 192, APCu: 64, Caches: 2, CacheSize: 512, ObjectCache: 256, BufferPool: 1024,
	},
}

// MaxReplicas is the number of web Pods that the default of [Database].Connections suffices for.
const MaxReplicas = 16

// MaxCaches is the maximum number of Varnish Pods. Every edit sends a purge request to each of them.
const MaxCaches = 8

// fill sets every size that is 0 to the profile's.
func (w *Wiki) fill() {
	profile := Profiles[w.Profile]
	for size, value := range map[*int]int{
		&w.Memory:              profile.Memory,
		&w.Web.Workers:         profile.Workers,
		&w.Web.RequestMemory:   profile.RequestMemory,
		&w.Web.Opcache:         profile.Opcache,
		&w.Web.APCu:            profile.APCu,
		&w.Cache.Replicas:      profile.Caches,
		&w.Cache.Size:          profile.CacheSize,
		&w.ObjectCache.Size:    profile.ObjectCache,
		&w.Database.BufferPool: profile.BufferPool,
	} {
		if *size == 0 {
			*size = value
		}
	}
	if w.Database.Connections == 0 {
		w.Database.Connections = connections(MaxReplicas, w.Web.Workers)
	}
}

// connections returns how many connections the database must accept: twice what is used when all workers are busy during a rollout, which
// runs one extra Pod, together with the job runner, the migration, backups and an operator.
func connections(replicas, workers int) int {
	const surge, others = 1, 5
	return 2 * ((replicas+surge)*workers + others)
}
