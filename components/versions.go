package components

// UpdaterBegins maps a series of MediaWiki to the oldest series that its updater can begin with; the same holds for the series after
// it, up to the next one here. https://github.com/wikimedia/mediawiki/blob/1.43.9/maintenance/update.php (and 1.46.0)
var UpdaterBegins = map[string]string{"1.40": "1.35", "1.46": "1.38"}

// MediaWikiEnds and MariaDBEnds map a series to the last day on which what is found in it is mended. A series that is not here has no
// day that anybody has announced. https://www.mediawiki.org/wiki/Version_lifecycle and https://mariadb.org/about/#maintenance-policy,
// as https://endoflife.date has them (2026).
var (
	MediaWikiEnds = map[string]string{
		"1.35": "2023-12-21", "1.36": "2022-06-03", "1.37": "2022-11-30", "1.38": "2023-06-30", "1.39": "2025-12-31", "1.40": "2024-06-28",
		"1.41": "2024-12-31", "1.42": "2025-06-30", "1.43": "2027-12-31", "1.44": "2026-07-31", "1.45": "2026-12-31",
	}
	MariaDBEnds = map[string]string{
		"10.5": "2025-06-24", "10.6": "2026-07-06", "10.11": "2028-02-16", "11.4": "2029-05-29", "11.8": "2028-06-04",
	}
)
