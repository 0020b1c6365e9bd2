package preflight

import (
	"fmt"
	"maps"
	"slices"

	"k8s.io/apimachinery/pkg/util/version"

	"github.com/mediawiki-stack/mediawiki-stack/components"
	"github.com/mediawiki-stack/mediawiki-stack/internal/config"
	"github.com/mediawiki-stack/mediawiki-stack/internal/versions"
)

// versions refuses what MediaWiki and MariaDB do not do with data: to go back to an older series, and to skip too many. An image whose
// tag says no version is left to the Pods, which ask the data itself.
func (f *Findings) versions(seen *cluster, cfg *config.Config) {
	if from, to := seriesOf(seen.mediawiki), seriesOf(cfg.MediaWikiImage); from != nil && to != nil {
		key, oldest := "images.mediawiki", updaterBegins(to)
		switch {
		case to.LessThan(from):
			f.older(key, cfg.MediaWikiImage, seen.mediawiki, "what MediaWiki "+versions.Name(from)+" has written, an older one cannot read")
		case from.LessThan(oldest):
			first := versions.Name(oldest)
			if runs := version.MustParseGeneric(components.OldestMediaWiki); oldest.LessThan(runs) {
				first = components.OldestMediaWiki
			}
			f.Problems = append(f.Problems, config.Problem{
				Key: key, Found: fmt.Sprintf("%q, but the wiki runs %s", cfg.MediaWikiImage, seen.mediawiki),
				Want: fmt.Sprintf("at first MediaWiki %s, or a later one: %s does not upgrade what is older", first, versions.Name(to)),
				Fix:  "pulumi config set --path " + key + " mediawiki:" + first,
			})
		}
	}
	if from, to := seriesOf(seen.mariadb), seriesOf(cfg.MariaDBImage); from != nil && to != nil && to.LessThan(from) {
		f.older("images.mariadb", cfg.MariaDBImage, seen.mariadb,
			"MariaDB "+versions.Name(from)+" has upgraded its files, and an older one cannot read them")
	}
}

func (f *Findings) older(key, want, is, why string) {
	f.Problems = append(f.Problems, config.Problem{
		Key: key, Found: fmt.Sprintf("%q, but the wiki runs %s", want, is),
		Want: "the series it runs, or a later one: " + why, Fix: "pulumi config set --path " + key + " " + is,
	})
}

// seriesOf is the series of an image, by its tag; nil if the tag tells none. Within a series both ways are open.
func seriesOf(image string) *version.Version {
	is := versions.Of(image)
	if is == nil {
		return nil
	}
	return versions.Series(is)
}

// updaterBegins is the oldest series that can be upgraded to this one.
func updaterBegins(to *version.Version) *version.Version {
	oldest := version.MajorMinor(0, 0)
	for _, since := range slices.Sorted(maps.Keys(components.UpdaterBegins)) {
		if to.AtLeast(version.MustParseGeneric(since)) {
			oldest = version.MustParseGeneric(components.UpdaterBegins[since])
		}
	}
	return oldest
}
