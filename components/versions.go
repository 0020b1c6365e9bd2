package components

// UpdaterBegins maps a series of MediaWiki to the oldest series that its updater can begin with; the same holds for the series after
// it, up to the next one here. https://github.com/wikimedia/mediawiki/blob/1.43.9/maintenance/update.php (and 1.46.0)
var UpdaterBegins = map[string]string{"1.40": "1.35", "1.46": "1.38"}

// OldestMediaWiki is the oldest series that an installed wiki runs. Images of older ones have PHP 8.0 or 7.4, and the programs in
// files/mediawiki are written for 8.1: https://github.com/wikimedia/mediawiki-docker
const OldestMediaWiki = "1.39"
