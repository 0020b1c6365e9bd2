// Package versions knows which images the wiki's Pods run, reads versions from their tags, and knows how long each series is maintained.
package versions

import (
	"fmt"
	"regexp"

	"github.com/distribution/reference"
	"k8s.io/apimachinery/pkg/util/version"
)

// Of returns the version of an image, or nil if its tag does not begin with one. A tag that names only a series counts as its release 0.
func Of(image string) *version.Version {
	release, err := version.ParseGeneric(tagOf(image))
	if err != nil {
		return nil
	}
	return release
}

// distribution matches the end of the tag of an image that is made from a distribution's own packages, such as 7.7-debian13.
var distribution = regexp.MustCompile(`-(debian\d+)$`)

// Distribution returns the distribution whose packages an image is made from, such as "debian13", or "". A distribution maintains its
// packages for longer than upstream maintains their series.
func Distribution(image string) string {
	found := distribution.FindStringSubmatch(tagOf(image))
	if found == nil {
		return ""
	}
	return found[1]
}

func tagOf(image string) string {
	named, err := reference.ParseNormalizedNamed(image)
	if err != nil {
		return ""
	}
	if tagged, ok := named.(reference.Tagged); ok {
		return tagged.Tag()
	}
	return ""
}

// Series returns the series of a version.
func Series(v *version.Version) *version.Version { return version.MajorMinor(v.Major(), v.Minor()) }

// Name returns the name of a version's series, such as "1.43".
func Name(v *version.Version) string { return fmt.Sprintf("%d.%d", v.Major(), v.Minor()) }
