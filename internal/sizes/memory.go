package sizes

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
	metricsMemory    = 20  // a Perl of 10 MiB that runs varnishstat
	compilerMemory   = 128 // the C compiler that compiles Varnish's settings, before it caches pages
)

// Sizes of volumes in memory, in MiB. Their contents count towards the memory limits of their containers.
const (
	PipesMemory   = 16 // pipes between containers, and the list of restic's snapshots, which takes a kilobyte for each
	SocketsMemory = 1  // sockets, locks and files with process IDs
	VarnishMemory = 32 // Varnish's log of 8 MiB, its counters, and the compiled settings
	CompileMemory = 64 // what the C compiler writes
)

// limit returns the memory limit of a web Pod: all its workers are busy, each at the memory limit of its request.
func (w Web) limit() int {
	return apacheMemory + w.Opcache + w.APCu + w.Workers*(w.RequestMemory+workerMemory)
}

// request returns the memory of an idle web Pod.
func (w Web) request() int { return 96 + w.Opcache + w.APCu }

// jobsLimit returns the memory limit of the job runner: one request, and ImageMagick beside it.
func (w Web) jobsLimit() int { return jobsMemory + w.RequestMemory }

func (db Database) limit() int {
	return mariadbMemory + db.BufferPool + db.BufferPool/8 + db.Connections*connectionMemory
}

// request returns the memory of an idle MariaDB, and of the buffers that it will fill.
func (db Database) request() int { return 96 + db.BufferPool }

func (c ObjectCache) limit() int { return c.Size + c.Size/8 + memcachedMemory }

// request returns the memory of a full memcached.
func (c ObjectCache) request() int { return c.Size + 8 }

// Varnish Pods answer anonymous readers, so everything that such readers can make them store is bounded. The memory that Varnish takes
// beyond its storages was measured, with glibc's malloc and with jemalloc: docs/decisions/0037-varnish-has-bounds.md.

// Generations returns the size of their storage, in MiB. A generation takes 232 bytes of it, and a page takes several kilobytes.
func (c Cache) Generations() int { return c.Size/16 + 1 }

// Transient returns the size of the storage Transient, in MiB.
func (c Cache) Transient() int { return 16 + c.Size/4 }

// Threads returns the maximum number of threads.
func (c Cache) Threads() int { return 150 + c.Size }

// limit returns the memory limit of a Varnish Pod, in MiB: its storages, full of the smallest possible objects, and all of its threads at
// work. An object takes 600 bytes outside of its storage, and the smallest page takes 600 bytes in it.
func (c Cache) limit() int {
	const log, program = 8, 24
	stored := 2*c.Size + 4*c.Generations() + c.Transient()*5/4
	return max(log+program+stored+c.Threads()*threadMemory/1024, compilerMemory)
}
