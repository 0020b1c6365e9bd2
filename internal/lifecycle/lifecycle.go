// Package lifecycle says which releases of MediaWiki the program runs and upgrades.
package lifecycle

// UpdaterBegins maps a series of MediaWiki to the oldest series that its updater can upgrade; the same holds for the series after it, up to
// the next one here. https://github.com/wikimedia/mediawiki/blob/1.43.9/maintenance/update.php (and 1.46.0)
var UpdaterBegins = map[string]string{"1.40": "1.35", "1.46": "1.38"}

// OldestMediaWiki is the oldest series that an installed wiki runs. Images of older ones have PHP 8.0 or 7.4, and the programs in
// components/files/mediawiki are written for 8.1: https://github.com/wikimedia/mediawiki-docker
const OldestMediaWiki = "1.39"
