package versions

import "github.com/mediawiki-stack/mediawiki-stack/internal/parts"

// ends maps images to the last days on which their series are maintained, as https://endoflife.date had them on 2026-08-22.
var ends = map[parts.Image]map[string]string{
	// https://www.mediawiki.org/wiki/Version_lifecycle
	parts.MediaWikiImage: {
		"1.31": "2021-09-30", "1.32": "2020-01-24", "1.33": "2020-06-30", "1.34": "2020-11-30", "1.35": "2023-12-21", "1.36": "2022-06-03",
		"1.37": "2022-11-30", "1.38": "2023-06-30", "1.39": "2025-12-31", "1.40": "2024-06-28", "1.41": "2024-12-31", "1.42": "2025-06-30",
		"1.43": "2027-12-31", "1.44": "2026-07-31", "1.45": "2026-12-31", "1.46": "2027-07-31",
	},
	// https://mariadb.org/about/#maintenance-policy
	parts.MariaDBImage: {
		"10.0": "2019-03-31", "10.1": "2020-10-17", "10.2": "2022-05-23", "10.3": "2023-05-25", "10.4": "2024-06-18", "10.5": "2025-06-24",
		"10.6": "2026-07-06",
		"10.7": "2023-02-09", "10.8": "2023-05-20", "10.9": "2023-08-22", "10.10": "2023-11-17", "10.11": "2028-02-16",
		"11.0": "2024-06-06", "11.1": "2024-08-21", "11.2": "2024-11-21", "11.3": "2024-05-29", "11.4": "2029-05-29", "11.5": "2024-11-21",
		"11.6": "2025-02-13", "11.7": "2025-05-12", "11.8": "2028-06-04", "12.0": "2025-11-18", "12.1": "2026-02-13", "12.2": "2026-05-28",
		"12.3": "2029-06-12",
	},
	// https://vinyl-cache.org/releases/ and https://www.varnish.org/releases/: each series for a year, except 6.0.
	parts.VarnishImage: {
		"6.0": "", "7.0": "2022-09-15", "7.1": "2023-03-15", "7.2": "2023-09-15", "7.3": "2024-03-15", "7.4": "2024-09-15",
		"7.5": "2025-03-15", "7.6": "2025-09-15", "7.7": "2026-03-15", "8.0": "2026-09-15", "9.0": "2027-03-16",
	},
	// A series is maintained until the next one is released: https://github.com/memcached/memcached/wiki/ReleaseNotes
	parts.MemcachedImage: {"1.4": "2017-07-21", "1.5": "2020-03-09", "1.6": ""},
	// restic announces no ends: https://github.com/restic/restic/releases
	parts.ResticImage: {"0.18": "", "0.19": ""},
}
