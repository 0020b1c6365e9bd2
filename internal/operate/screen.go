package operate

import (
	"fmt"
	"strings"
	"time"

	"github.com/dustin/go-humanize"
)

// screen returns the state as text for a terminal.
func (s *status) screen(w *Wiki, before *status) string {
	var lines []string
	add := func(title, format string, args ...any) {
		lines = append(lines, fmt.Sprintf("%-12s ", title)+fmt.Sprintf(format, args...))
	}
	add(w.Name, "namespace %s, %s, at %s", w.Namespace, s.site.address, s.at.Format(time.TimeOnly))
	for _, part := range s.parts {
		lines = append(lines, part.String())
	}
	lines = append(lines, "")
	if len(s.web) == 0 {
		add("requests", "no web Pod answers: wiki doctor says why")
		return strings.Join(lines, "\n") + "\n"
	}
	s.addRequests(before, add)
	s.addMemory(add)
	s.addContents(add)
	return strings.Join(lines, "\n") + "\n"
}

// adder adds a line.
type adder func(title, format string, args ...any)

func (s *status) addRequests(before *status, add adder) {
	seconds := s.at.Sub(before.at).Seconds()
	web := func(beginnings ...string) float64 { return rate(s.web, before.web, seconds, beginnings...) }
	const requests, durations = "mediawiki_http_requests_total", "mediawiki_http_request_duration_seconds"
	all := web(requests)
	failed := 0.0
	for sample := range union(s.web) {
		if strings.HasPrefix(sample, requests) && (strings.Contains(sample, `code="5`) || strings.Contains(sample, `code="other"`)) {
			failed += web(sample)
		}
	}
	text := fmt.Sprintf("%.1f/s by MediaWiki, %.1f/s of them failed", all, failed)
	if len(s.cache) > 0 {
		hits := rate(s.cache, before.cache, seconds, `mediawiki_cache_lookups_total{result="hit"}`)
		text = fmt.Sprintf("%.1f/s from the cache, ", hits) + text
	}
	if count := web(durations + "_count"); count > 0 {
		text += fmt.Sprintf(", %.2f s each", web(durations+"_sum")/count)
	}
	add("requests", "%s", text)
	busy, idle := sum(s.web, `mediawiki_workers{state="busy"}`), sum(s.web, `mediawiki_workers{state="idle"}`)
	add("workers", "%.0f of %.0f busy, %.0f requests wait", busy, busy+idle, sum(s.web, "mediawiki_workers_queue"))
}

// union returns all samples that a Pod has.
func union(pods []metrics) map[string]bool {
	all := map[string]bool{}
	for _, pod := range pods {
		for sample := range pod {
			all[sample] = true
		}
	}
	return all
}

func (s *status) addMemory(add adder) {
	size := func(value float64) string { return humanize.IBytes(uint64(max(0, value))) }
	one := func(sample string) float64 { value, _ := largest(s.web, sample); return value }
	if len(s.cache) > 0 {
		used, free := sum(s.cache, `mediawiki_cache_memory_bytes{storage="pages",state="used"}`),
			sum(s.cache, `mediawiki_cache_memory_bytes{storage="pages",state="free"}`)
		add("page cache", "%s of %s, %.0f objects", size(used), size(used+free), sum(s.cache, "mediawiki_cache_objects"))
	}
	if one("mediawiki_objectcache_up") == 0 {
		add("memcached", "does not answer")
	} else {
		add("memcached", "%s of %s", size(one("mediawiki_objectcache_memory_bytes")), size(one("mediawiki_objectcache_memory_limit_bytes")))
	}
	if one("mediawiki_database_up") == 0 {
		add("database", "does not answer")
		return
	}
	add("database", "%s, %.0f of %.0f connections", size(one("mediawiki_database_size_bytes")),
		one("mediawiki_database_connections"), one("mediawiki_database_connections_limit"))
	if one("mediawiki_read_only") == 1 || one("mediawiki_restore_interrupted") == 1 {
		add("", "the wiki is read-only")
	}
}

func (s *status) addContents(add adder) {
	count := func(sample string) string { value, _ := largest(s.web, sample); return humanize.Comma(int64(value)) }
	if _, known := largest(s.web, "mediawiki_pages"); !known {
		return // the database does not answer
	}
	waiting := 0.0
	for sample := range union(s.web) {
		if strings.HasPrefix(sample, "mediawiki_jobs{") || sample == "mediawiki_jobs" {
			value, _ := largest(s.web, sample)
			waiting += value
		}
	}
	oldest, _ := largest(s.web, "mediawiki_jobs_oldest_age_seconds")
	add("jobs", "%.0f wait, the oldest for %s", waiting, time.Duration(oldest)*time.Second)
	add("contents", "%s pages, %s files, %s accounts, %s edits",
		count("mediawiki_pages"), count("mediawiki_files"), count("mediawiki_users"), count("mediawiki_edits"))
	ago := func(sample string) string {
		value, known := largest(s.web, sample)
		if !known {
			return "never"
		}
		return humanize.RelTime(time.Unix(int64(value), 0), s.at, "ago", "from now")
	}
	add("backup", "%s; proven by a drill: %s", ago("mediawiki_backup_timestamp_seconds"), ago("mediawiki_drill_timestamp_seconds"))
	if expiry, known := largest(s.web, "mediawiki_certificate_expiry_timestamp_seconds"); known {
		add("certificate", "expires %s", humanize.RelTime(time.Unix(int64(expiry), 0), s.at, "ago", "from now"))
	}
	if free, known := largest(s.web, "mediawiki_uploads_free_bytes"); known {
		add("uploads", "%s free on the volume", humanize.IBytes(uint64(free)))
	}
}
