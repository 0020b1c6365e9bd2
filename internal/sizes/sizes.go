// Package sizes computes what a wiki needs of its cluster from what its arguments say: memory, connections and ephemeral storage.
package sizes

import (
	"fmt"
	"reflect"

	"k8s.io/apimachinery/pkg/api/resource"

	"github.com/mediawiki-stack/mediawiki-stack/internal/choices"
	"github.com/mediawiki-stack/mediawiki-stack/internal/defaults"
)

// Wiki holds the arguments that sizes depend on. Its fields have the names and places that they have in components.MediaWikiStackArgs,
// which describes them, and in config.Config. All memory values are in MiB.
type Wiki struct {
	Profile     string
	Memory      int // limit for all Pods that run permanently; 0 for none
	Storage     string
	Replicas    int
	Autoscaling Autoscaling
	Web         Web
	Cache       Cache
	ObjectCache ObjectCache
	Database    Database
	Wiki        Site
	Backups     Backups
	Monitoring  Monitoring
}

// Autoscaling is the largest number of web Pods, or 0 if it is fixed.
type Autoscaling struct{ Max int }

// Web sizes a web Pod.
type Web struct{ Workers, RequestMemory, Opcache, APCu int }

// Cache sizes the page cache.
type Cache struct {
	Enabled        bool
	Replicas, Size int
}

// ObjectCache sizes memcached.
type ObjectCache struct{ Size int }

// Database sizes MariaDB.
type Database struct {
	Mode                    string
	Replicas                int
	Volume                  Volume
	BufferPool, Connections int
}

// Site is what readers and editors see.
type Site struct {
	Access  string
	Uploads Uploads
}

// Uploads sizes uploads.
type Uploads struct {
	MaxSize int
	Volume  Volume
}

// Backups sizes backups.
type Backups struct {
	Volume Volume
	Remote Remote
}

// Remote is where backups are copied to.
type Remote struct{ Address string }

// Monitoring is what Prometheus gets.
type Monitoring struct{ Enabled bool }

// Volume sizes a claim.
type Volume struct{ Size string }

// Default returns the sizes of a wiki with default settings.
func Default() Wiki {
	w := unset()
	w.fill()
	return w
}

// unset returns the default arguments, without the sizes that a profile sets.
func unset() Wiki {
	return Wiki{
		Profile: choices.ProfileSmall, Storage: choices.StorageDurable, Replicas: defaults.Replicas, Cache: Cache{Enabled: true},
		Database: Database{Mode: choices.DatabaseStatefulSet, Replicas: 1, Volume: Volume{defaults.VolumeSize}},
		Wiki: Site{
			Access: choices.AccessReadOnly, Uploads: Uploads{MaxSize: defaults.MaxUpload, Volume: Volume{defaults.VolumeSize}},
		},
		Backups: Backups{Volume: Volume{defaults.VolumeSize}},
	}
}

// Of returns the sizes in a struct, or in a pointer to one, that has the fields of [Wiki]. Unset fields get their defaults. It panics if a
// field is missing or has another type, so that a test of any struct tests all.
func Of(source any) Wiki {
	w := unset()
	copyFields(reflect.ValueOf(&w).Elem(), reflect.Indirect(reflect.ValueOf(source)))
	w.fill()
	return w
}

// copyFields copies the fields of the same names that are set. A pointer is set unless it is nil, a bool always, and another value unless
// it is zero.
func copyFields(to, from reflect.Value) {
	for field, value := range to.Fields() {
		given := from.FieldByName(field.Name)
		switch {
		case !given.IsValid():
			panic(fmt.Sprintf("sizes: %s has no field %s", from.Type(), field.Name))
		case given.Kind() == reflect.Pointer && !given.IsNil():
			value.Set(given.Elem())
		case given.Kind() == reflect.Struct:
			copyFields(value, given)
		case given.Kind() == reflect.Bool, !given.IsZero():
			value.Set(given)
		}
	}
}

// Cached reports whether anonymous readers get cached pages. Readers of a private wiki cannot share pages.
func (w *Wiki) Cached() bool { return w.Cache.Enabled && w.Wiki.Access != choices.AccessPrivate }

// Sums is how much a wiki can use at the same time, and how much it may.
type Sums struct {
	// Memory is the limit for all Pods that run permanently, in MiB, or 0 if there is none. MostMemory is how much they can use.
	Memory, MostMemory int
	// Connections is how many connections the database accepts. MostConnections is twice what can be used. Both are 0 for an external
	// database.
	Connections, MostConnections int
}

// MostReplicas returns the largest number of web Pods, except during a rollout.
func (w *Wiki) MostReplicas() int { return max(w.Replicas, w.Autoscaling.Max) }

// Sums returns the sums of the wiki with that many web Pods.
func (w Wiki) Sums(replicas int) Sums {
	w.Replicas, w.Autoscaling.Max = replicas, 0
	s := Sums{Memory: w.Memory}
	for _, pods := range w.Pods("") {
		for _, need := range pods.Containers {
			if !pods.Passing {
				s.MostMemory += pods.Count * need.MemoryLimit
			}
		}
	}
	if w.Database.Mode == choices.DatabaseStatefulSet {
		s.Connections, s.MostConnections = w.Database.Connections, connections(replicas, w.Web.Workers)
	}
	return s
}

// Mebibytes returns the size of a volume in MiB, rounded up, or 0 if it is not a quantity.
func (v Volume) Mebibytes() int {
	size, err := resource.ParseQuantity(v.Size)
	if err != nil {
		return 0
	}
	return int((size.Value() + 1<<20 - 1) >> 20)
}
