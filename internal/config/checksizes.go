package config

import (
	"fmt"
	"strconv"

	"mediawiki-stack/components"
)

// sizes checks how much of the machine the wiki takes.
func (c *checker) sizes() {
	before := len(c.problems)
	c.choice("profile", components.ProfileNames)
	c.choice("storage", components.StorageModes)
	c.between("memory", 512, 1<<20, "MiB")
	c.between("web.workers", 2, 64, "requests at a time, one of which is often the kubelet's")
	c.between("web.requestMemory", 64, 4096, "MiB")
	c.between("web.opcache", 48, 1024, "MiB")
	c.between("web.apcu", 4, 1024, "MiB")
	c.between("cache.replicas", 1, components.MaxCaches, "Pods, each of which hears of every edit")
	c.between("cache.size", 16, 1<<16, "MiB")
	c.between("objectCache.size", 8, 1<<20, "MiB")
	c.between("database.bufferPool", 16, 1<<20, "MiB")
	c.between("database.connections", 20, 10000, "connections")
	if c.number("replicas") < 0 {
		c.add("replicas", "0 or more Pods", set("replicas", "2"))
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
	if sizes.Memory > 0 && sizes.Most > sizes.Memory {
		c.report(Problem{
			Key: "memory", Found: fmt.Sprintf("%d MiB, of which busy Pods of the wiki may take %d", sizes.Memory, sizes.Most),
			Want: fmt.Sprintf("%d MiB or more, or fewer replicas, fewer web.workers or less web.requestMemory", sizes.Most),
			Type: set("memory", strconv.Itoa(sizes.Most)),
		})
	}
	if sizes.Connections < sizes.MostConnections {
		c.report(Problem{
			Key: "database.connections", Found: strconv.Itoa(sizes.Connections),
			Want: fmt.Sprintf("%d or more, twice what all workers of %d replicas need, or fewer of these", sizes.MostConnections, replicas),
			Type: set("database.connections", strconv.Itoa(sizes.MostConnections)),
		})
	}
}
