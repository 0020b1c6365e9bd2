package config

import (
	"strconv"
	"strings"

	"github.com/distribution/reference"
	"k8s.io/apimachinery/pkg/util/validation"
	"k8s.io/apimachinery/pkg/util/version"

	"github.com/mediawiki-stack/mediawiki-stack/components"
	"github.com/mediawiki-stack/mediawiki-stack/internal/versions"
)

func (c *checker) web() {
	c.sizes()
	c.cache()
	for _, image := range versions.Images {
		named, err := reference.ParseNormalizedNamed(c.text(image.Key))
		if err != nil || reference.IsNameOnly(named) || strings.HasSuffix(c.text(image.Key), ":latest") {
			c.add(image.Key, "an image with its tag or digest (a tag that moves changes the wiki without being asked)",
				set(image.Key, image.Default))
		}
	}
	c.oldest()
	c.choice("serviceType", components.ServiceTypes)
	c.port("port", "80")
	c.nodePort()
	c.proxies()
	if site := c.text("siteUrl"); site != "" {
		if _, err := components.ParseSiteURL(site); err != nil {
			c.add("siteUrl", err.Error(), set("siteUrl", "https://wiki.example.org"))
		}
	}
}

// oldest refuses images whose PHP is too old for the wiki's programs. The recipe has none.
func (c *checker) oldest() {
	is, oldest := versions.Of(c.text("images.mediawiki")), version.MustParseGeneric(components.OldestMediaWiki)
	if is != nil && is.LessThan(oldest) && c.text("database.mode") != components.DatabaseSidecar {
		c.add("images.mediawiki", "MediaWiki "+components.OldestMediaWiki+" or newer: the PHP of older images is too old",
			set("images.mediawiki", components.DefaultMediaWikiImage))
	}
}

// proxies checks whom the wiki believes what it says of readers. A range is to be written as it is, so that nobody trusts more than they
// meant to.
func (c *checker) proxies() {
	for i, proxy := range c.list("trustedProxies") {
		prefix, err := components.ParseProxy(proxy)
		if err == nil {
			continue
		}
		key, instead := "trustedProxies["+strconv.Itoa(i)+"]", "10.1.0.0/16"
		if prefix.IsValid() {
			instead = prefix.String()
		}
		c.report(Problem{
			Key: key, Found: strconv.Quote(proxy), Want: err.Error(), Fix: "pulumi config set --path '" + key + "' " + instead,
		})
	}
}

func (c *checker) cache() {
	if c.text("access") == components.AccessPrivate {
		c.withoutEffect("with access private, where no two readers share a copy",
			"cache.enabled", "cache.replicas", "cache.size", "cache.limits")
	}
}

// egress checks where MediaWiki may connect to.
func (c *checker) egress() {
	for i, text := range c.list("egress") {
		if _, err := components.ParseDestination(text); err != nil {
			item := "egress[" + strconv.Itoa(i) + "]"
			c.report(Problem{Key: item, Found: strconv.Quote(text), Want: err.Error(), Fix: set("'"+item+"'", "0.0.0.0/0:443")})
		}
	}
}

// host checks the name or IPv4 address of a server. A scheme or a port would be taken for a part of the name.
func (c *checker) host(key, example string) {
	if len(validation.IsDNS1123Subdomain(c.text(key))) > 0 {
		c.add(key, "the name or IPv4 address of a server, without a scheme or a port", set(key, example))
	}
}

func (c *checker) port(key, example string) {
	if port := c.number(key); port < 1 || port > 65535 {
		c.add(key, "a port from 1 to 65535", set(key, example))
	}
}

func (c *checker) nodePort() {
	port := c.number("nodePort")
	switch {
	case port == 0:
	case port < 30000 || port > 32767:
		c.add("nodePort", "a port from 30000 to 32767, or 0 to let Kubernetes choose", set("nodePort", "30080"))
	case c.text("serviceType") == components.ServiceClusterIP:
		c.add("nodePort", "0, because serviceType ClusterIP has no node port", remove("nodePort"))
	}
}
