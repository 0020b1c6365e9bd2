package components

import (
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/mediawiki-stack/mediawiki-stack/internal/parts"
)

// CacheArgs describes the page cache, which answers anonymous readers. A private wiki has none.
type CacheArgs struct {
	// Enabled runs the page cache. If it is false, web Pods answer all readers. Defaults to true.
	Enabled *bool `pulumi:"enabled,optional"`
	// Replicas is the number of Varnish Pods, 1 to 8. With one, readers notice its restarts. Defaults to the profile's number.
	Replicas int `pulumi:"replicas,optional"`
	// Size is the memory for cached pages in each Pod, in MiB. Defaults to the profile's.
	Size int `pulumi:"size,optional"`
	// Limits limits how often anonymous readers may request histories, differences, old revisions and searches: ten a second for each
	// address, and two at the same time for each Varnish Pod. Defaults to true.
	Limits *bool `pulumi:"limits,optional"`
	// Image is the Varnish image, 7.6 or newer, based on Debian: https://hub.docker.com/_/varnish. Defaults to "varnish:9.0.3".
	Image pulumi.StringInput `pulumi:"image,optional"`
}

// ObjectCacheArgs describes memcached, which caches parsed pages, messages and database rows for all Pods with MediaWiki.
type ObjectCacheArgs struct {
	// Size is the memory for cached objects, in MiB. Defaults to the profile's. https://docs.memcached.org/serverguide/
	Size int `pulumi:"size,optional"`
	// Image is the memcached image: https://hub.docker.com/_/memcached. Defaults to "memcached:1.6.45".
	Image pulumi.StringInput `pulumi:"image,optional"`
}

func (c *CacheArgs) setDefaults() {
	setDefault(&c.Enabled, new(true))
	setDefault(&c.Limits, new(true))
	setText(&c.Image, parts.VarnishImage.Default)
}
