package components

import "fmt"

// Varnish Pods answer strangers, so all that strangers can make them keep has a bound. Memory beyond what is stored was measured, with
// glibc's malloc and with jemalloc: docs/decisions/0037-varnish-has-bounds.md.

// storages returns varnishd's options for what it stores. Pages and their generations have a storage each, so that neither can take the
// other's; Transient has what is not kept: answers on their way to readers, and marks of a few seconds.
func (c CacheArgs) storages() []string {
	malloc := func(name string, size int) string { return fmt.Sprintf("%s=malloc,%dm", name, size) }
	return []string{
		"-s", malloc("pages", c.Size), "-s", malloc("generations", c.generations()), "-s", malloc("Transient", c.transient()),
	}
}

// bounds returns varnishd's options for what it takes beyond its storages.
func (c CacheArgs) bounds() []string {
	return []string{
		// A new object makes room for itself, however small those are that go: with the default of 50 a large page would not fit into
		// a full storage, and its reader would see an error.
		"-p", "nuke_limit=1000000",
		// Entries of the hash are freed with their objects. The default hash keeps them for minutes.
		"-h", "classic",
		// A request takes a thread, and another while the wiki answers it, for which some are reserved. Requests beyond that wait.
		"-p", fmt.Sprintf("thread_pool_max=%d", c.threads()), "-p", "thread_pool_reserve=50", "-p", "thread_queue_limit=1000",
	}
}

// generations is the size of their storage, in MiB. A generation takes 232 bytes of it, and a page several kilobytes of its own.
func (c CacheArgs) generations() int { return c.Size/16 + 1 }

// transient is the size of that storage, in MiB.
func (c CacheArgs) transient() int { return 16 + c.Size/4 }

// threads is how many Varnish may have.
func (c CacheArgs) threads() int { return 150 + c.Size }

// limit is what a Varnish Pod may take, in MiB: its storages, full of the smallest objects that there can be, and its threads, all of them
// at work. An object takes 600 bytes beyond its storage, the smallest page 600 bytes in it.
func (c CacheArgs) limit() int {
	const log, program = 8, 24
	stored := 2*c.Size + 4*c.generations() + c.transient()*5/4
	return max(log+program+stored+c.threads()*threadMemory/1024, compilerMemory)
}
