package operate

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/kubernetes/fake"

	"github.com/mediawiki-stack/mediawiki-stack/internal/parts"
)

const webMetrics = `# HELP mediawiki_database_up Whether the database answers.
# TYPE mediawiki_database_up gauge
mediawiki_database_up 1
mediawiki_objectcache_up 1
mediawiki_objectcache_memory_bytes 1048576
mediawiki_objectcache_memory_limit_bytes 67108864
mediawiki_database_size_bytes 31457280
mediawiki_database_connections 7
mediawiki_database_connections_limit 292
mediawiki_http_requests_total{kind="page",code="200"} 100
mediawiki_http_requests_total{kind="page",code="503"} 4
mediawiki_http_request_duration_seconds_bucket{kind="page",le="+Inf"} 104
mediawiki_http_request_duration_seconds_sum{kind="page"} 52
mediawiki_http_request_duration_seconds_count{kind="page"} 104
mediawiki_workers{state="busy"} 2
mediawiki_workers{state="idle"} 6
mediawiki_workers_queue 1
mediawiki_jobs{type="htmlCacheUpdate"} 2
mediawiki_jobs{type="refreshLinks"} 3
mediawiki_jobs_oldest_age_seconds 75
mediawiki_pages 1204
mediawiki_files 31
mediawiki_users 12
mediawiki_edits 4210
mediawiki_backup_timestamp_seconds 1795849200
mediawiki_read_only 0
`

const cacheMetrics = `mediawiki_cache_lookups_total{result="hit"} 1000
mediawiki_cache_memory_bytes{storage="pages",state="used"} 2097152
mediawiki_cache_memory_bytes{storage="pages",state="free"} 65011712
mediawiki_cache_objects 40
`

func TestScreenSumsUpWhatPodsCountAndNotWhatTheyShare(t *testing.T) {
	w := &Wiki{Namespace: "mediawiki-rpi", Name: "mediawiki"}
	web, cache := parseMetrics(webMetrics), parseMetrics(cacheMetrics)
	now := time.Unix(1795860000, 0).UTC()
	before := &status{at: now.Add(-2 * time.Second), web: []metrics{{}, web}, cache: []metrics{{}}}
	s := &status{
		at: now, site: &site{address: "https://wiki.example.org"}, web: []metrics{web, web}, cache: []metrics{cache},
		parts: []partStatus{{part: parts.Web, ready: 1, pods: 2, restarts: 3}, {part: parts.Cache, ready: 1, pods: 1}},
	}
	assert.Equal(t, `mediawiki    namespace mediawiki-rpi, https://wiki.example.org, at `+now.Format(time.TimeOnly)+`
web          1 of 2 ready, 3 restarts
cache        1 of 1 ready

requests     500.0/s from the cache, 52.0/s by MediaWiki, 2.0/s of them failed, 0.50 s each
workers      4 of 16 busy, 2 requests wait
page cache   2.0 MiB of 64 MiB, 40 objects
memcached    1.0 MiB of 64 MiB
database     30 MiB, 7 of 292 connections
jobs         5 wait, the oldest for 1m15s
contents     1,204 pages, 31 files, 12 accounts, 4,210 edits
backup       3 hours ago; proven by a drill: never
`, s.screen(w, before))
}

func TestScreenSaysWhatDoesNotAnswer(t *testing.T) {
	w := &Wiki{Namespace: "mediawiki-rpi", Name: "mediawiki"}
	s := &status{at: time.Now(), site: &site{}, parts: []partStatus{{part: parts.Web}}}
	assert.Contains(t, s.screen(w, s), "no web Pod answers: wiki doctor says why")
	s.web = []metrics{{"mediawiki_database_up": 0, "mediawiki_objectcache_up": 0}}
	screen := s.screen(w, &status{at: s.at.Add(-time.Second)})
	assert.Contains(t, screen, "database     does not answer")
	assert.Contains(t, screen, "memcached    does not answer")
	assert.NotContains(t, screen, "contents")
}

func TestStatusSaysWhichDatabaseIsThePrimary(t *testing.T) {
	for primary, want := range map[string][]string{
		"":                 {"the primary", "the replica"},
		parts.FirstMember:  {"the primary", "the replica"},
		parts.SecondMember: {"the replica", "the primary"},
	} {
		roles := &corev1.ConfigMap{
			ObjectMeta: metav1.ObjectMeta{Name: parts.Roles("mediawiki"), Namespace: "mediawiki-rpi"},
			Data:       map[string]string{parts.PrimaryKey: primary},
		}
		w := &Wiki{Client: fake.NewClientset(roles), Namespace: "mediawiki-rpi", Name: "mediawiki"}
		list := []partStatus{{part: parts.Database}, {part: parts.Database2}, {part: parts.Web}}
		require.NoError(t, w.addRoles(t.Context(), list))
		found := []string{list[0].role, list[1].role, list[2].role}
		assert.Equal(t, append(want, ""), found, "the roles say %q", primary)
		assert.Equal(t, "database2    0 of 0 ready, "+want[1], list[1].String())
	}
}
