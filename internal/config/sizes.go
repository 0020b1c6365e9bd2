package config

import (
	"fmt"
	"slices"
	"sort"
	"strconv"

	"github.com/mediawiki-stack/mediawiki-stack/internal/choices"
	"github.com/mediawiki-stack/mediawiki-stack/internal/sizes"
)

// Autoscaling changes the number of web Pods.
type Autoscaling struct {
	Min int `config:"autoscaling.min"` // 0 means the number of replicas
	Max int `config:"autoscaling.max"` // 0 means always the number of replicas
	CPU int `config:"autoscaling.cpu"` // thousandths of a processor for each Pod
}

// LeastReplicas returns the smallest number of web Pods.
func (c *Config) LeastReplicas() int {
	if c.Autoscaling.Min > 0 {
		return c.Autoscaling.Min
	}
	return c.Replicas
}

// Web sizes each web Pod. 0 is the profile's number.
type Web struct {
	Workers       int `config:"web.workers"`
	RequestMemory int `config:"web.requestMemory"` // MiB, as the next two
	Opcache       int `config:"web.opcache"`
	APCu          int `config:"web.apcu"`
}

// Cache answers anonymous readers.
type Cache struct {
	Enabled  bool   `config:"cache.enabled"`
	Replicas int    `config:"cache.replicas"` // 0 is the profile's number
	Size     int    `config:"cache.size"`     // MiB; 0 is the profile's
	Limits   bool   `config:"cache.limits"`
	Image    string `config:"images.varnish" modes:"statefulset external sidecar"` // like every image: a stack may set them together
}

// ObjectCache is memcached.
type ObjectCache struct {
	Size  int    `config:"objectCache.size"` // MiB; 0 is the profile's
	Image string `config:"images.memcached" modes:"statefulset external sidecar"`
}

// The largest values of keys. No suggested value exceeds them. A wiki without web Pods fits into maxMemory, whatever its other sizes.
const (
	maxReplicas    = 500
	maxMemory      = 1 << 22 // MiB
	maxConnections = 10000
)

// sizes checks how much of the machine the wiki uses.
func (c *checker) sizes() {
	before := len(c.problems)
	c.choice("profile", c.cfg.Profile, choices.Profiles)
	c.choice("storage", c.cfg.Storage, choices.StorageModes)
	c.size("memory", c.cfg.Memory, 512, maxMemory, "MiB")
	web := c.cfg.Web
	c.size("web.workers", web.Workers, 2, 64, "requests at the same time, one of which is often the kubelet's")
	c.size("web.requestMemory", web.RequestMemory, 64, 4096, "MiB")
	c.size("web.opcache", web.Opcache, 48, 1024, "MiB")
	c.size("web.apcu", web.APCu, 4, 1024, "MiB")
	c.size("cache.replicas", c.cfg.Cache.Replicas, 1, sizes.MaxCaches, "Pods, each of which is purged at every edit")
	c.size("cache.size", c.cfg.Cache.Size, 16, 1<<16, "MiB")
	c.size("objectCache.size", c.cfg.ObjectCache.Size, 8, 1<<20, "MiB")
	c.size("database.bufferPool", c.cfg.Database.BufferPool, 16, 1<<20, "MiB")
	c.size("database.connections", c.cfg.Database.Connections, 20, maxConnections, "connections")
	if n := c.cfg.Replicas; n < 1 || n > maxReplicas {
		c.add("replicas", fmt.Sprintf("1 to %d Pods; pulumi destroy stops the wiki and keeps its data", maxReplicas), c.reset("replicas"))
	}
	c.autoscaling()
	if c.cfg.Wiki.Access == choices.AccessPrivate {
		c.withoutEffect("with access private, where readers cannot share cached pages", "cache")
	}
	if len(c.problems) == before && c.cfg.Database.Mode != choices.DatabaseSidecar {
		c.totals()
	}
}

// autoscaling checks the numbers of web Pods between which the cluster chooses.
func (c *checker) autoscaling() {
	scaling := c.cfg.Autoscaling
	if scaling.Max == 0 {
		c.withoutEffect("without autoscaling.max", "autoscaling")
		return
	}
	least := c.cfg.LeastReplicas()
	switch {
	case scaling.Min < 0 || scaling.Min > maxReplicas:
		c.add("autoscaling.min", fmt.Sprintf("1 to %d Pods, or 0 for the number of replicas", maxReplicas), set("autoscaling.min", "1"))
	case scaling.Max < max(least, 1) || scaling.Max > maxReplicas:
		c.add("autoscaling.max", fmt.Sprintf("%d, which is the smallest number of Pods, to %d, or 0 for always as many as replicas",
			max(least, 1), maxReplicas), set("autoscaling.max", strconv.Itoa(min(2*max(least, 1), maxReplicas))))
	}
	if scaling.CPU < 10 || scaling.CPU > 64_000 {
		c.add("autoscaling.cpu", "10 to 64000 thousandths of a processor", c.reset("autoscaling.cpu"))
	}
}

// size checks a number for which 0 means the profile's.
func (c *checker) size(key string, n, least, most int, unit string) {
	if n != 0 && (n < least || n > most) {
		c.add(key, fmt.Sprintf("%d to %d %s, or 0 for the profile's number", least, most, unit), set(key, strconv.Itoa(least)))
	}
}

// totals checks whether sizes that are possible on their own fit together.
func (c *checker) totals() {
	wiki := sizes.Of(c.cfg)
	replicas, key := wiki.MostReplicas(), "replicas"
	if c.cfg.Autoscaling.Max > 0 {
		key = "autoscaling.max"
	}
	sums := wiki.Sums(replicas)
	// With more replicas than these, no value of memory or database.connections would be enough.
	most := sort.Search(replicas+1, func(n int) bool {
		s := wiki.Sums(n)
		return s.MostMemory > maxMemory || s.MostConnections > maxConnections
	}) - 1
	if most < replicas {
		c.report(Problem{
			Key: key, Found: strconv.Itoa(replicas),
			Want: fmt.Sprintf("at most %d Pods of this size: MariaDB accepts %d connections, and a wiki may use %d MiB",
				most, maxConnections, maxMemory),
			Fix: set(key, strconv.Itoa(most)),
		})
		return
	}
	if sums.Memory > 0 && sums.MostMemory > sums.Memory {
		c.report(Problem{
			Key: "memory", Found: fmt.Sprintf("%d MiB, but busy Pods of the wiki may use %d", sums.Memory, sums.MostMemory),
			Want: fmt.Sprintf("%d MiB or more, or fewer replicas, fewer web.workers or less web.requestMemory", sums.MostMemory),
			Fix:  c.fixForMemory(sums.MostMemory),
		})
	}
	if sums.Connections < sums.MostConnections {
		c.report(Problem{
			Key: "database.connections", Found: strconv.Itoa(sums.Connections),
			Want: fmt.Sprintf("%d or more, which is twice what all workers of %d replicas need, or fewer replicas",
				sums.MostConnections, replicas),
			Fix: set("database.connections", strconv.Itoa(sums.MostConnections)),
		})
	}
}

// fixForMemory returns the command for a wiki that may use more memory than it should. The profile fits its machine: where the stack sets a
// size itself, that size is the likely mistake.
func (c *checker) fixForMemory(most int) string {
	more := set("memory", strconv.Itoa(most))
	if slices.Contains(c.changed, "memory") {
		return more
	}
	for _, key := range []string{
		"web.workers", "web.requestMemory", "autoscaling.max", "replicas", "database.bufferPool", "cache.size", "objectCache.size",
	} {
		if slices.Contains(c.changed, key) {
			return remove(key) + "     (or, on a machine with more memory: " + more + ")"
		}
	}
	return more
}
