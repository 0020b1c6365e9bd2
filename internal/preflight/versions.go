package preflight

import (
	"fmt"
	"maps"
	"regexp"
	"slices"

	"k8s.io/apimachinery/pkg/util/version"

	"mediawiki-stack/components"
	"mediawiki-stack/internal/config"
)

// versions refuses what MediaWiki and MariaDB do not do with data: to go back to an older series, and to skip too many. An image whose
// tag says no version is left to the Pods, which ask the data itself.
func (f *Findings) versions(seen *cluster, cfg *config.Config) {
	if from, to := versionOf(seen.mediawiki), versionOf(cfg.MediaWikiImage); from != nil && to != nil {
		key, oldest := "images.mediawiki", updaterBegins(to)
		switch {
		case to.LessThan(from):
			f.older(key, cfg.MediaWikiImage, seen.mediawiki, "what MediaWiki "+series(from)+" has written, an older one cannot read")
		case from.LessThan(oldest):
			f.Problems = append(f.Problems, config.Problem{
				Key: key, Found: fmt.Sprintf("%q, but the wiki runs %s", cfg.MediaWikiImage, seen.mediawiki),
				Want: fmt.Sprintf("at first MediaWiki %s, or a later one: %s does not upgrade what is older", series(oldest), series(to)),
				Type: "pulumi config set --path " + key + " mediawiki:" + series(oldest),
			})
		}
	}
	if from, to := versionOf(seen.mariadb), versionOf(cfg.MariaDBImage); from != nil && to != nil && to.LessThan(from) {
		f.older("images.mariadb", cfg.MariaDBImage, seen.mariadb,
			"MariaDB "+series(from)+" has upgraded its files, and an older one cannot read them")
	}
}

func (f *Findings) older(key, want, is, why string) {
	f.Problems = append(f.Problems, config.Problem{
		Key: key, Found: fmt.Sprintf("%q, but the wiki runs %s", want, is),
		Want: "the series it runs, or a later one: " + why, Type: "pulumi config set --path " + key + " " + is,
	})
}

// tag is the beginning of an image's tag that is a version.
var tag = regexp.MustCompile(`:(\d+\.\d+)[^/:@]*(@[^/]*)?$`)

// versionOf is the series of an image, by its tag; nil if the tag tells none. Within a series both ways are open.
func versionOf(image string) *version.Version {
	found := tag.FindStringSubmatch(image)
	if found == nil {
		return nil
	}
	return version.MustParseGeneric(found[1])
}

func series(v *version.Version) string { return fmt.Sprintf("%d.%d", v.Major(), v.Minor()) }

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
