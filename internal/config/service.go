package config

import (
	"strings"

	"github.com/distribution/reference"
	"k8s.io/apimachinery/pkg/util/version"

	"github.com/mediawiki-stack/mediawiki-stack/internal/addresses"
	"github.com/mediawiki-stack/mediawiki-stack/internal/choices"
	"github.com/mediawiki-stack/mediawiki-stack/internal/lifecycle"
	"github.com/mediawiki-stack/mediawiki-stack/internal/versions"
)

// Service is how readers reach the wiki.
type Service struct {
	Type           string   `config:"serviceType"`
	Port           int      `config:"port"`
	NodePort       int      `config:"nodePort"`                                    // 0 lets Kubernetes choose one
	IPFamilyPolicy string   `config:"ipFamilyPolicy" modes:"statefulset external"` // empty is the cluster's
	TrustedProxies []string `config:"trustedProxies" modes:"statefulset external"` // addresses, or ranges of addresses
}

func (c *checker) service() {
	c.choice("serviceType", c.cfg.Service.Type, choices.ServiceTypes)
	c.port("port", c.cfg.Service.Port)
	switch port := c.cfg.Service.NodePort; {
	case port == 0:
	case port < 30000 || port > 32767:
		c.add("nodePort", "a port from 30000 to 32767, or 0 to let Kubernetes choose", set("nodePort", "30080"))
	case c.cfg.Service.Type == choices.ServiceClusterIP:
		c.add("nodePort", "0, because serviceType ClusterIP has no node port", remove("nodePort"))
	}
	if policy := c.cfg.Service.IPFamilyPolicy; policy != "" {
		c.choice("ipFamilyPolicy", policy, choices.IPFamilyPolicies)
	}
	for i, proxy := range c.cfg.Service.TrustedProxies {
		prefix, err := addresses.ParseProxy(proxy)
		if err == nil {
			continue
		}
		instead := "10.1.0.0/16"
		if prefix.IsValid() { // the range that the address is in; it has to be written out, so that nobody trusts more than they meant to
			instead = prefix.String()
		}
		c.addItem("trustedProxies", i, proxy, err.Error(), instead)
	}
	if c.siteURLIsInvalid() {
		_, err := addresses.ParseSiteURL(c.cfg.SiteURL)
		c.add("siteUrl", err.Error(), set("siteUrl", addresses.SuggestSiteURL(c.cfg.SiteURL)))
	}
	for i, text := range c.cfg.Egress {
		if _, err := addresses.ParseDestination(text); err != nil {
			c.addItem("egress", i, text, err.Error(), "0.0.0.0/0:443")
		}
	}
}

// siteURLIsInvalid reports whether siteUrl is set and not valid. service reports that; other checks of siteUrl have nothing to add.
func (c *checker) siteURLIsInvalid() bool {
	_, err := addresses.ParseSiteURL(c.cfg.SiteURL)
	return err != nil && c.cfg.SiteURL != ""
}

// images checks that each image has a fixed version, and that MediaWiki's PHP is new enough. The recipe runs none of our PHP.
func (c *checker) images() {
	for _, image := range versions.Images {
		text, _ := c.values[image.Key].(string)
		named, err := reference.ParseNormalizedNamed(text)
		if err != nil || reference.IsNameOnly(named) || strings.HasSuffix(text, ":latest") {
			c.add(image.Key, "an image with its tag or digest (a tag such as latest changes the wiki without notice)", c.reset(image.Key))
		}
	}
	is, oldest := versions.Of(c.cfg.Image), version.MustParseGeneric(lifecycle.OldestMediaWiki)
	if is != nil && is.LessThan(oldest) && c.cfg.Database.Mode != choices.DatabaseSidecar {
		c.add("images.mediawiki", "MediaWiki "+lifecycle.OldestMediaWiki+" or newer: the PHP of older images is too old",
			c.reset("images.mediawiki"))
	}
}
