package preflight

import (
	"fmt"
	"maps"
	"slices"

	"k8s.io/apimachinery/pkg/util/version"

	"github.com/mediawiki-stack/mediawiki-stack/internal/config"
	"github.com/mediawiki-stack/mediawiki-stack/internal/lifecycle"
	"github.com/mediawiki-stack/mediawiki-stack/internal/versions"
)

// checkVersions refuses what MediaWiki and MariaDB cannot do with existing data: downgrade to an older series, or skip too many series. An
// image whose tag contains no version is left to the Pods, which read the version from the data.
func (f *Findings) checkVersions(seen *snapshot, cfg *config.Config) {
	if from, to := seriesOf(seen.mediawiki), seriesOf(cfg.Image); from != nil && to != nil {
		key, oldest := "images.mediawiki", updaterBegins(to)
		switch {
		case to.LessThan(from):
			f.refuseDowngrade(key, cfg.Image, seen.mediawiki, "an older MediaWiki cannot read what "+versions.Name(from)+" has written")
		case from.LessThan(oldest):
			first := versions.Name(oldest)
			if runs := version.MustParseGeneric(lifecycle.OldestMediaWiki); oldest.LessThan(runs) {
				first = lifecycle.OldestMediaWiki
			}
			f.Problems = append(f.Problems, config.Problem{
				Key: key, Found: fmt.Sprintf("%q, but the wiki runs %s", cfg.Image, seen.mediawiki),
				Want: fmt.Sprintf("first MediaWiki %s or later: %s cannot upgrade from an older series", first, versions.Name(to)),
				Fix:  "pulumi config set --path " + key + " mediawiki:" + first,
			})
		}
	}
	if from, to := seriesOf(seen.mariadb), seriesOf(cfg.Database.Image); from != nil && to != nil && to.LessThan(from) {
		f.refuseDowngrade("images.mariadb", cfg.Database.Image, seen.mariadb,
			"MariaDB "+versions.Name(from)+" has upgraded its files, and an older MariaDB cannot read them")
	}
}

func (f *Findings) refuseDowngrade(key, want, current, why string) {
	f.Problems = append(f.Problems, config.Problem{
		Key: key, Found: fmt.Sprintf("%q, but the wiki runs %s", want, current),
		Want: "the current series or a later one: " + why, Fix: "pulumi config set --path " + key + " " + current,
	})
}

// seriesOf returns the series of an image, or nil if its tag contains no version. Within a series, data can go in both directions.
func seriesOf(image string) *version.Version {
	release := versions.Of(image)
	if release == nil {
		return nil
	}
	return versions.Series(release)
}

// updaterBegins returns the oldest series that can be upgraded to this one.
func updaterBegins(to *version.Version) *version.Version {
	oldest := version.MajorMinor(0, 0)
	for _, since := range slices.Sorted(maps.Keys(lifecycle.UpdaterBegins)) {
		if to.AtLeast(version.MustParseGeneric(since)) {
			oldest = version.MustParseGeneric(lifecycle.UpdaterBegins[since])
		}
	}
	return oldest
}
