package main

import (
	"fmt"
	"strings"

	"github.com/mediawiki-stack/mediawiki-stack/internal/choices"
	"github.com/mediawiki-stack/mediawiki-stack/internal/sizes"
)

// profilesTable returns the sizes of each profile, as a Markdown table.
func profilesTable() string {
	var table strings.Builder
	columns := []string{
		"memory", "web.workers", "web.requestMemory", "web.opcache", "web.apcu", "cache.replicas", "cache.size", "objectCache.size",
		"database.bufferPool",
	}
	fmt.Fprintf(&table, "| profile | `%s` |\n| --- |%s\n", strings.Join(columns, "` | `"), strings.Repeat(" ---: |", len(columns)))
	for _, name := range choices.Profiles {
		p := sizes.Profiles[name]
		fmt.Fprintf(&table, "| `%s` |", name)
		for _, number := range []int{
			p.Memory, p.Workers, p.RequestMemory, p.Opcache, p.APCu, p.Caches, p.CacheSize, p.ObjectCache, p.BufferPool,
		} {
			fmt.Fprintf(&table, " %d |", number)
		}
		table.WriteString("\n")
	}
	return table.String()
}
