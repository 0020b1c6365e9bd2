package versions

import (
	"slices"
	"time"

	"k8s.io/apimachinery/pkg/util/version"

	"github.com/mediawiki-stack/mediawiki-stack/internal/parts"
)

// Image is an image that the wiki's Pods run.
type Image struct {
	parts.Image

	// Containers are the names of the containers that run it.
	Containers []string
	// ends maps each series to the last day on which it is maintained, as [time.DateOnly]; empty if no day is announced.
	ends map[string]string
}

// Images are all images that the wiki's Pods run. Each has a setting.
var Images = images()

func images() []Image {
	var all []Image
	for _, part := range parts.All {
		for _, container := range part.Containers() {
			i := slices.IndexFunc(all, func(image Image) bool { return image.Image == container.Image })
			if i < 0 {
				i, all = len(all), append(all, Image{Image: container.Image, ends: ends[container.Image]})
			}
			if !slices.Contains(all[i].Containers, container.Name) {
				all[i].Containers = append(all[i].Containers, container.Name)
			}
		}
	}
	return all
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
