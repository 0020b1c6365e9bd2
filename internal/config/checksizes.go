package config

import (
	"fmt"
	"sort"
	"strconv"

	"github.com/mediawiki-stack/mediawiki-stack/components"
)

// The largest values of keys. No advice exceeds them. A wiki without web Pods fits into the largest memory, whatever its other sizes.
const (
	mostReplicas    = 500
	mostMemory      = 1 << 22 // MiB
	mostConnections = 10000
)

// sizes checks how much of the machine the wiki takes.
func (c *checker) sizes() {
	before := len(c.problems)
	c.choice("profile", components.ProfileNames)
	c.choice("storage", components.StorageModes)
	c.between("memory", 512, mostMemory, "MiB")
	c.between("web.workers", 2, 64, "requests at a time, one of which is often the kubelet's")
	c.between("web.requestMemory", 64, 4096, "MiB")
	c.between("web.opcache", 48, 1024, "MiB")
	c.between("web.apcu", 4, 1024, "MiB")
	c.between("cache.replicas", 1, components.MaxCaches, "Pods, each of which hears of every edit")
	c.between("cache.size", 16, 1<<16, "MiB")
	c.between("objectCache.size", 8, 1<<20, "MiB")
	c.between("database.bufferPool", 16, 1<<20, "MiB")
	c.between("database.connections", 20, mostConnections, "connections")
	if n := c.number("replicas"); n < 0 || n > mostReplicas {
		c.add("replicas", fmt.Sprintf("0 to %d Pods", mostReplicas), set("replicas", strconv.Itoa(components.DefaultReplicas)))
	}
	if len(c.problems) == before && c.text("database.mode") != components.DatabaseSidecar {
		c.together()
	}
}

// between checks a number that is 0 where the profile's is meant.
func (c *checker) between(key string, least, most int, of string) {
	if n := c.number(key); n != 0 && (n < least || n > most) {
		c.add(key, fmt.Sprintf("%d to %d %s, or 0 for the profile's number", least, most, of), set(key, strconv.Itoa(least)))
	}
}

// together checks numbers that are possible each, but perhaps not at once.
func (c *checker) together() {
	args := fill(c.values, c.raw).StackArgs("")
	replicas := c.number("replicas")
	sizes := args.Sizes(replicas)
	// No value of memory or database.connections would do for more Pods than these.
	most := sort.Search(replicas+1, func(n int) bool {
		s := args.Sizes(n)
		return s.Most > mostMemory || s.MostConnections > mostConnections
	}) - 1
	if most < replicas {
		c.report(Problem{
			Key: "replicas", Found: strconv.Itoa(replicas),
			Want: fmt.Sprintf("at most %d Pods of this size: one MariaDB takes %d connections, a wiki %d MiB",
				most, mostConnections, mostMemory),
			Fix: set("replicas", strconv.Itoa(most)),
		})
		return
	}
	if sizes.Memory > 0 && sizes.Most > sizes.Memory {
		c.report(Problem{
			Key: "memory", Found: fmt.Sprintf("%d MiB, of which busy Pods of the wiki may take %d", sizes.Memory, sizes.Most),
			Want: fmt.Sprintf("%d MiB or more, or fewer replicas, fewer web.workers or less web.requestMemory", sizes.Most),
			Fix:  set("memory", strconv.Itoa(sizes.Most)),
		})
	}
	if sizes.Connections < sizes.MostConnections {
		c.report(Problem{
			Key: "database.connections", Found: strconv.Itoa(sizes.Connections),
			Want: fmt.Sprintf("%d or more, twice what all workers of %d replicas need, or fewer of these", sizes.MostConnections, replicas),
			Fix:  set("database.connections", strconv.Itoa(sizes.MostConnections)),
		})
	}
}
