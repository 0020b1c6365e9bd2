package farm

import (
	"encoding/json"
	"errors"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/mediawiki-stack/mediawiki-stack/tests/internal/await"
	"github.com/mediawiki-stack/mediawiki-stack/tests/internal/engine"
	"github.com/mediawiki-stack/mediawiki-stack/tests/internal/kube"
)

// accountsAreIsolated tries statements with both accounts of a wiki, from a Pod of it.
func (f *farm) accountsAreIsolated(t *testing.T) {
	w := f.wikis["alpha"]
	accounts := map[string]string{"wiki_alpha": "app=alpha-app", "schema_alpha": "app=alpha-migration"}
	for user, selector := range accounts {
		login := w.account(t, selector)
		require.Equal(t, user, login.User)
		for statement, want := range map[string][][]string{
			"SHOW DATABASES": {{"information_schema"}, {"wiki_alpha"}},
			"SELECT DISTINCT table_schema FROM information_schema.tables WHERE table_schema LIKE 'wiki%'": {{"wiki_alpha"}},
			"SELECT DISTINCT user FROM information_schema.processlist":                                    {{user}},
			"SELECT page_title FROM page WHERE page_title = 'Soup'":                                       {{"Soup"}},
		} {
			rows, err := w.query(t, login, statement)
			require.NoError(t, err, statement)
			assert.Equal(t, want, rows, "%s: %s", user, statement)
		}
		for _, statement := range []string{
			"SELECT * FROM wiki_bravo.page", "INSERT INTO wiki_bravo.page (page_title) VALUES ('Soup')", "DROP DATABASE wiki_bravo",
			"CREATE DATABASE wiki_kilo", "CREATE USER kilo", "GRANT ALL ON wiki_bravo.* TO " + user, "SELECT * FROM mysql.global_priv",
			"SET PASSWORD FOR wiki_bravo = PASSWORD('soup')", "SET GLOBAL max_connections = 1", "SHOW MASTER STATUS",
			"FLUSH TABLES WITH READ LOCK",
		} {
			_, err := w.query(t, login, statement)
			require.ErrorContains(t, err, "denied", "%s: %s", user, statement)
		}
		rows, err := w.query(t, login, "SELECT COALESCE(LOAD_FILE('/secrets/root-password'), 'nothing')")
		require.NoError(t, err)
		assert.Equal(t, [][]string{{"nothing"}}, rows)
	}
	login := w.account(t, accounts["wiki_alpha"])
	_, err := w.query(t, login, "CREATE TABLE kilo (soup INT)")
	require.ErrorContains(t, err, "denied", "the account of web Pods")
	login.Database = "wiki_bravo"
	_, err = w.query(t, login, "SELECT 1")
	require.ErrorContains(t, err, "denied")
}

// connectionsAreIsolated tries connections from a wiki to the parts of another one, and from a Pod that belongs to no wiki.
func (f *farm) connectionsAreIsolated(t *testing.T) {
	server := serverAddress(t, f.wikis["alpha"].Namespace) + ":3306"
	parts := []string{"bravo-objectcache.wiki-bravo:11211", "bravo-cache-0.wiki-bravo:8082", "bravo-app.wiki-bravo:8080"}
	w := f.wikis["alpha"]
	own := []string{"alpha-objectcache:11211", "alpha-cache-0:8082", server}
	printed, err := w.Exec(t.Context(), w.webPod(t), "mediawiki", "", kube.ReachCommand(append(own, parts...)...)...)
	require.NoError(t, err)
	assert.Equal(t, append(suffixed(own, " open"), suffixed(parts, " shut")...), lines(printed))

	others := append([]string{server}, parts...)
	assert.Equal(t, suffixed(others, " shut"), strangerReaches(t, others...))
}

func suffixed(texts []string, suffix string) []string {
	all := make([]string, len(texts))
	for i, text := range texts {
		all[i] = text + suffix
	}
	return all
}

// strangerReaches returns which connections are accepted from a Pod in a namespace without policies.
func strangerReaches(t *testing.T, addresses ...string) []string {
	t.Helper()
	stranger := kube.Make(t, "stranger")
	pods := stranger.Kube.CoreV1().Pods(stranger.Name)
	_, err := pods.Create(t.Context(), &corev1.Pod{
		ObjectMeta: metav1.ObjectMeta{Name: "stranger"},
		Spec: corev1.PodSpec{RestartPolicy: corev1.RestartPolicyNever, Containers: []corev1.Container{{
			Name: "php", Image: engine.LocalImage(t, "mediawiki"), Command: kube.ReachCommand(addresses...),
		}}},
	}, metav1.CreateOptions{})
	require.NoError(t, err)
	await.Success(t, "the Pod has tried all connections", func() error {
		pod, err := pods.Get(t.Context(), "stranger", metav1.GetOptions{})
		if err == nil && pod.Status.Phase != corev1.PodSucceeded {
			err = errors.New(string(pod.Status.Phase))
		}
		return err
	})
	printed, err := pods.GetLogs("stranger", &corev1.PodLogOptions{}).DoRaw(t.Context())
	require.NoError(t, err)
	return lines(string(printed))
}

func lines(text string) []string { return strings.Split(strings.TrimSpace(text), "\n") }

// keysAreTheWikisOwn lists the keys in a wiki's memcached, which are prefixed with the name of its database or with "global".
func (f *farm) keysAreTheWikisOwn(t *testing.T) {
	w := f.wikis["alpha"]
	const list = `
		$memcached = fsockopen($argv[1], 11211);
		fwrite($memcached, "lru_crawler metadump all\r\n");
		while (($line = fgets($memcached)) && trim($line) !== 'END') {
			echo urldecode(substr(strtok($line, ' '), strlen('key='))), "\n";
		}`
	printed, err := w.Exec(t.Context(), w.webPod(t), "mediawiki", "", "php", "-r", list, "--", w.name+"-objectcache")
	require.NoError(t, err)
	own, global := 0, 0
	for _, key := range lines(printed) {
		switch key := strings.TrimPrefix(key, "WANCache:"); {
		case strings.HasPrefix(key, "wiki_alpha:"):
			own++
		case strings.HasPrefix(key, "global:"):
			global++
		default:
			t.Error("the key of another wiki: " + key)
		}
	}
	t.Logf("%d keys begin with the database's name, %d with global", own, global)
	assert.Positive(t, own)
}

// purgesAreIsolated edits a page that two wikis have in their caches under the same title.
func (f *farm) purgesAreIsolated(t *testing.T) {
	a, b := f.wikis["alpha"], f.wikis["bravo"]
	a.isCached(t, "Soup", "The soup of alpha")
	b.isCached(t, "Soup", "The soup of bravo")
	require.NoError(t, a.admin.Edit(t.Context(), "Soup", "The new soup of alpha"))
	cached, page := a.read(t, "Soup")
	assert.False(t, cached)
	assert.Contains(t, page, "The new soup of alpha")
	cached, page = b.read(t, "Soup")
	assert.True(t, cached)
	assert.Contains(t, page, "The soup of bravo")
	require.NoError(t, a.admin.Edit(t.Context(), "Soup", "The soup of alpha"))
}

// sessionsAreIsolated uses a session in another wiki: as a browser does, which sends the cookies of both, because both have the same host,
// and as an attacker does, who renames the cookies.
func (f *farm) sessionsAreIsolated(t *testing.T) {
	a, b := f.wikis["alpha"], f.wikis["bravo"]
	user, err := a.admin.WhoAmI(t.Context())
	require.NoError(t, err)
	require.Equal(t, "Admin", user.Name)
	user, err = a.admin.At(b.admin.URL).WhoAmI(t.Context())
	require.NoError(t, err)
	assert.Equal(t, []string{"*"}, user.Groups)

	cookies := a.admin.Cookie()
	const own, others = "wiki-alpha-alpha", "wiki-bravo-bravo"
	require.Contains(t, cookies, own)
	assert.Equal(t, "Admin", whoIs(t, a, cookies))
	assert.NotEqual(t, "Admin", whoIs(t, b, cookies))
	assert.NotEqual(t, "Admin", whoIs(t, b, strings.ReplaceAll(cookies, own, others)))
	// The administrators of both have the same name, and the same number.
	assert.Equal(t, "Admin", whoIs(t, b, b.admin.Cookie()))
}

// whoIs returns the name of the user that a wiki identifies by these cookies.
func whoIs(t *testing.T, w *wiki, cookies string) string {
	t.Helper()
	const path = "/api.php?action=query&meta=userinfo&format=json"
	response, err := w.reader.Request(t.Context(), http.MethodGet, path, http.Header{"Cookie": {cookies}})
	require.NoError(t, err)
	var answer struct {
		Query struct {
			UserInfo struct{ Name string } `json:"userinfo"`
		} `json:"query"`
	}
	require.NoError(t, json.Unmarshal(response.Body, &answer), "%s", response.Body)
	return answer.Query.UserInfo.Name
}
