package components

import (
	"errors"
	"fmt"

	"github.com/mediawiki-stack/mediawiki-stack/internal/choices"
	"github.com/mediawiki-stack/mediawiki-stack/internal/sizes"
)

// Default sizes: the values of [MediaWikiStackArgs].Profile.
const (
	// ProfilePi2G is for a Raspberry Pi with 2 GB.
	ProfilePi2G = choices.ProfilePi2G
	// ProfilePi4G is for a Raspberry Pi with 4 GB.
	ProfilePi4G = choices.ProfilePi4G
	// ProfilePi8G is for a Raspberry Pi with 8 GB.
	ProfilePi8G = choices.ProfilePi8G
	// ProfileSmall is for a small server, or for a wiki that shares a larger one.
	ProfileSmall = choices.ProfileSmall
	// ProfileLarge is for a server with 16 GB that runs nothing else.
	ProfileLarge = choices.ProfileLarge
)

// checkSizes reports sizes that do not fit together when everything is busy, and volume sizes that are not valid quantities.
func (args *MediaWikiStackArgs) checkSizes() error {
	var errs []error
	w := sizes.Of(args)
	replicas := w.MostReplicas()
	s := w.Sums(replicas)
	if s.Memory > 0 && s.MostMemory > s.Memory {
		errs = append(errs, fmt.Errorf(
			"with %d replicas the wiki may use %d MiB, but Memory is %d; "+
				"increase Memory, or reduce Replicas, Web.Workers or Web.RequestMemory",
			replicas, s.MostMemory, s.Memory))
	}
	if s.Connections < s.MostConnections {
		errs = append(errs, fmt.Errorf("the value of Database.Connections is %d; set it to %d or more for %d replicas of %d workers",
			s.Connections, s.MostConnections, replicas, w.Web.Workers))
	}
	if size := w.Wiki.Uploads.MaxSize; size < 0 {
		errs = append(errs, fmt.Errorf("the value of Wiki.Uploads.MaxSize is %d; set it to 1 MiB or more", size))
	}
	for _, volume := range []struct {
		field string
		sizes.Volume
	}{
		{"Database.Volume", w.Database.Volume}, {"Wiki.Uploads.Volume", w.Wiki.Uploads.Volume}, {"Backups.Volume", w.Backups.Volume},
	} {
		if volume.Mebibytes() <= 0 {
			errs = append(errs, fmt.Errorf(`the value of %s.Size is %q; set it to a quantity such as "8Gi"`, volume.field, volume.Size))
		}
	}
	return errors.Join(errs...)
}
