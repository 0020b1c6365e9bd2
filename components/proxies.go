package components

import "strings"

// everyAddress is what Apache trusts if only a cache can reach it.
const everyAddress = "0.0.0.0/1 128.0.0.0/1 ::/1 8000::/1"

// proxiesForApache returns the addresses whose X-Forwarded-For Apache believes. If there is a cache, only the cache reaches Apache, and the
// cache has applied the list of trusted proxies itself.
func (args *MediaWikiStackArgs) proxiesForApache() string {
	if args.cached() {
		return everyAddress
	}
	return strings.Join(args.Service.TrustedProxies, " ")
}
