package config

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/mediawiki-stack/mediawiki-stack/internal/addresses"
	"github.com/mediawiki-stack/mediawiki-stack/internal/packages"
)

// packageFields are the keys of an item of packages.
var packageFields = map[string]func(*packages.Package) *string{
	"name":   func(p *packages.Package) *string { return &p.Name },
	"url":    func(p *packages.Package) *string { return &p.URL },
	"sha256": func(p *packages.Package) *string { return &p.SHA256 },
	"image":  func(p *packages.Package) *string { return &p.Image },
	"path":   func(p *packages.Package) *string { return &p.Path },
}

// decodePackages decodes what it knows; [checker.packages] reports the rest.
func decodePackages(items []any) []packages.Package {
	all := make([]packages.Package, len(items))
	for i, item := range items {
		object, _ := item.(map[string]any)
		for key, value := range object {
			if field := packageFields[key]; field != nil {
				*field(&all[i]) = fmt.Sprint(value)
			}
		}
	}
	return all
}

// PackageVolume returns the volume for packages. Without a storage class of its own it has that of uploads.
func (c *Config) PackageVolume() Volume {
	v := c.Wiki.PackageVolume
	v.StorageClass = cmp.Or(v.StorageClass, c.Wiki.Uploads.Volume.StorageClass)
	return v
}

func (c *checker) packages() {
	c.volume("packageVolume", c.cfg.Wiki.PackageVolume)
	items, _ := c.values["packages"].([]any)
	seen := map[string]bool{}
	for i, p := range c.cfg.Wiki.Packages {
		want := c.wantOfPackage(p, items[i])
		if want == "" && seen[p.Name] {
			want = "each name once"
		}
		seen[p.Name] = true
		if want != "" {
			c.addItem("packages", i, p.Name, want, "")
		}
	}
	if len(c.cfg.Wiki.Packages) == 0 {
		c.withoutEffect("without packages", "packageAuthorities", "packageVolume")
	} else {
		c.authorities("packageAuthorities", c.cfg.Wiki.PackageAuthorities)
	}
}

// wantOfPackage returns what an item of packages should be; empty if it is sound.
func (c *checker) wantOfPackage(p packages.Package, item any) string {
	object, isObject := item.(map[string]any)
	if !isObject {
		return "an object with name, url and sha256, or with name, image and path"
	}
	for _, key := range slices.Sorted(maps.Keys(object)) {
		if packageFields[key] == nil {
			return "no key " + key + ", but " + strings.Join(slices.Sorted(maps.Keys(packageFields)), ", ")
		}
	}
	if err := p.Check(); err != nil {
		return err.Error()
	}
	extension, skin := slices.Contains(c.cfg.Wiki.Extensions, p.Name), slices.Contains(c.cfg.Wiki.Skins, p.Name)
	switch source, _ := p.Source(); { // Check has parsed it
	case extension == skin:
		return "a name that either extensions or skins has: add it to one of them, so that MediaWiki loads it"
	case source.S3:
		if remote, err := addresses.ParseRemote(c.cfg.Backups.Remote.Address); err != nil || remote.SFTP {
			return "another address, or backups.remote on S3, whose credentials sign the request"
		}
	}
	return ""
}
