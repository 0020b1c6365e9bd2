package versions

import (
	"slices"
	"time"

	"k8s.io/apimachinery/pkg/util/version"

	"github.com/mediawiki-stack/mediawiki-stack/components"
)

// Image is an image that the wiki's Pods run.
type Image struct {
	Product string // such as "MediaWiki"
	Key     string // its setting, such as "images.mediawiki"
	Default string // that setting's default
	// Containers are the names of the containers that run it.
	Containers []string
	// ends maps each series to the last day on which it is maintained, as [time.DateOnly]; empty if no day is announced.
	ends map[string]string
}

// Images are all images that the wiki's Pods run. Each has a setting.
var Images = []Image{
	{
		Product: "MediaWiki", Key: "images.mediawiki", Default: components.DefaultMediaWikiImage, ends: mediawikiEnds,
		Containers: []string{"mediawiki", "mediawiki-container", "files", "wait", "jobs", "migration", "backup", "drill"},
	},
	{
		Product: "MariaDB", Key: "images.mariadb", Default: components.DefaultMariaDBImage, ends: mariadbEnds,
		Containers: []string{"mariadb", "mariadb-container", "tools"},
	},
	{
		Product: "Varnish", Key: "images.varnish", Default: components.DefaultVarnishImage, ends: varnishEnds,
		Containers: []string{"varnish", "check"},
	},
	{
		Product: "memcached", Key: "images.memcached", Default: components.DefaultMemcachedImage, ends: memcachedEnds,
		Containers: []string{"memcached"},
	},
	{
		Product: "restic", Key: "images.restic", Default: components.DefaultResticImage, ends: resticEnds,
		Containers: []string{"remote"},
	},
}

// ImageOf returns the image that a container of the wiki runs, by the name of the container.
func ImageOf(container string) (Image, bool) {
	i := slices.IndexFunc(Images, func(image Image) bool { return slices.Contains(image.Containers, container) })
	if i < 0 {
		return Image{}, false
	}
	return Images[i], true
}

// End returns the last day on which the series of a version is maintained, or the zero time if no day is announced. known is false if the
// tables do not contain the series: it is newer than they are, or it was never released.
func (i Image) End(of *version.Version) (day time.Time, known bool) {
	text, known := i.ends[Name(of)]
	if text == "" {
		return time.Time{}, known
	}
	day, err := time.Parse(time.DateOnly, text)
	if err != nil {
		panic(err) // a test parses all of them
	}
	return day, true
}
