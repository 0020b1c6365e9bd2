package components

import "fmt"

// Varnish Pods answer anonymous readers, so everything that such readers can make them store is bounded. The memory that Varnish takes
// beyond its storages was measured, with glibc's malloc and with jemalloc: docs/decisions/0037-varnish-has-bounds.md.

// storages returns varnishd's options for what it stores. Pages and their generations have a storage each, so that neither can evict the
// other. Transient holds what is not cached: answers on their way to readers, and markers that live for a few seconds.
func (c CacheArgs) storages() []string {
	malloc := func(name string, size int) string { return fmt.Sprintf("%s=malloc,%dm", name, size) }
	return []string{
		"-s", malloc("pages", c.Size), "-s", malloc("generations", c.generations()), "-s", malloc("Transient", c.transient()),
	}
}

// bounds returns varnishd's options that bound what it takes beyond its storages.
func (c CacheArgs) bounds() []string {
	return []string{
		// A new object evicts as many others as it needs. With the default of 50, a large page would not fit into a storage that is full of
		// small objects, and its reader would see an error.
		"-p", "nuke_limit=1000000",
		// Entries of this hash are freed with their objects. The default hash keeps them for minutes.
		"-h", "classic",
		// A request takes a thread, and another one while the wiki answers it; some are reserved for that. Further requests wait.
		"-p", fmt.Sprintf("thread_pool_max=%d", c.threads()), "-p", "thread_pool_reserve=50", "-p", "thread_queue_limit=1000",
	}
}

// generations returns the size of their storage, in MiB. A generation takes 232 bytes of it, and a page takes several kilobytes.
func (c CacheArgs) generations() int { return c.Size/16 + 1 }

// transient returns the size of the storage Transient, in MiB.
func (c CacheArgs) transient() int { return 16 + c.Size/4 }

// threads returns the maximum number of threads.
func (c CacheArgs) threads() int { return 150 + c.Size }

// limit returns the memory limit of a Varnish Pod, in MiB: its storages, full of the smallest possible objects, and all of its threads at
// work. An object takes 600 bytes outside of its storage, and the smallest page takes 600 bytes in it.
func (c CacheArgs) limit() int {
	const log, program = 8, 24
	stored := 2*c.Size + 4*c.generations() + c.transient()*5/4
	return max(log+program+stored+c.threads()*threadMemory/1024, compilerMemory)
}
