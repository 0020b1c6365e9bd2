package components

import (
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/mediawiki-stack/mediawiki-stack/internal/addresses"
)

// sitemapPath is the address of the sitemap's index, as MediaWiki's generateSitemap names it.
const sitemapPath = "/sitemap-index-wiki.xml"

// hasSitemap reports whether search engines get a list of all pages. Without SiteURL, its addresses would be those of a node.
func (args *MediaWikiStackArgs) hasSitemap() bool {
	wiki := args.Wiki
	return *wiki.Sitemap && args.SiteURL != "" && wiki.Access != AccessPrivate && wiki.Robots == RobotsPages
}

// robots returns the wiki's robots.txt, given the usual one.
func (args *MediaWikiStackArgs) robots(usual pulumi.StringInput) pulumi.String {
	if args.Wiki.Robots == RobotsNone {
		return "User-agent: *\nDisallow: /\n"
	}
	text := usual.(pulumi.String) // a file that is compiled in
	if site, err := addresses.ParseSiteURL(args.SiteURL); err == nil && args.hasSitemap() {
		text += pulumi.String("\nSitemap: " + site + sitemapPath + "\n")
	}
	return text
}
