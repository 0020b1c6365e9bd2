// Package versions reads the versions of images from their tags.
package versions

import (
	"fmt"
	"regexp"

	"k8s.io/apimachinery/pkg/util/version"
)

// tag is the beginning of an image's tag that is a version.
var tag = regexp.MustCompile(`:(\d+\.\d+(?:\.\d+)?)[^/:@]*(@[^/]*)?$`)

// Of is the version of an image, by its tag; nil if the tag tells none. A tag of a series alone is its release 0.
func Of(image string) *version.Version {
	found := tag.FindStringSubmatch(image)
	if found == nil {
		return nil
	}
	return version.MustParseGeneric(found[1])
}

// distribution is the end of a tag of an image that is made of a distribution's own packages, such as localhost/varnish:7.7-debian13.
var distribution = regexp.MustCompile(`-(debian\d+)(@[^/]*)?$`)

// Distribution is the one whose packages an image is made of, by its tag, such as "debian13"; empty if the tag tells none. It maintains its
// packages for longer than upstream maintains their series.
func Distribution(image string) string {
	found := distribution.FindStringSubmatch(image)
	if found == nil {
		return ""
	}
	return found[1]
}

// Series is what a version is a release of.
func Series(v *version.Version) *version.Version { return version.MajorMinor(v.Major(), v.Minor()) }

// Name is a series as people write it.
func Name(v *version.Version) string { return fmt.Sprintf("%d.%d", v.Major(), v.Minor()) }
