package wiki

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"k8s.io/client-go/rest"

	"github.com/mediawiki-stack/mediawiki-stack/internal/doctor"
	"github.com/mediawiki-stack/mediawiki-stack/tests/internal/await"
	"github.com/mediawiki-stack/mediawiki-stack/tests/internal/kube"
	"github.com/mediawiki-stack/mediawiki-stack/tests/internal/mailbox"
	"github.com/mediawiki-stack/mediawiki-stack/tests/internal/node"
)

// fetch has MediaWiki get something by HTTP three times in a job runner, and returns what it gets as JSON, which is null if it fails, and
// how long each took.
func (w *wiki) fetch(t *testing.T, address string) (string, time.Duration) {
	t.Helper()
	pod := kube.Names(w.AwaitReady(t, jobPods, 1))[0]
	code := `$http = MediaWiki\MediaWikiServices::getInstance()->getHttpRequestFactory(); ` +
		`$http->get( 'http://127.0.0.1:9/', [], 'test' ); $began = microtime( true ); ` + // the classes are loaded
		`foreach ( [ 1, 2, 3 ] as $n ) { $got = $http->get( '` + address + `', [], 'test' ); } ` +
		`printf( "got %s in %.3fs\n", json_encode( $got ), ( microtime( true ) - $began ) / 3 );`
	printed, err := w.Exec(t.Context(), pod, "jobs", code+"\n", "php", "maintenance/run.php", "eval")
	require.NoError(t, err)
	_, printed, said := strings.Cut(printed, "got ")
	require.True(t, said, printed)
	got, took, _ := strings.Cut(strings.TrimSpace(strings.Split(printed, "\n")[0]), " in ")
	duration, err := time.ParseDuration(took)
	require.NoError(t, err, printed)
	return got, duration
}

// dropped is an address to which no policy lets a wiki's Pods connect, and where something answers all the same.
const dropped = "http://kube-dns.kube-system:9153/metrics"

// blockedRequestsFailFast asks for what no policy allows. Policies drop packets, so that without help MediaWiki waits until it gives up.
func (w *wiki) blockedRequestsFailFast(t *testing.T) {
	got, took := w.fetch(t, dropped)
	assert.Equal(t, "null", got)
	assert.Less(t, took, 800*time.Millisecond)
}

// outside is what a wiki may reach beyond its cluster: a mail server, and a web server.
type outside struct {
	mail *mailbox.Mailbox
	web  string
}

// newDestinations starts them, and sets that a wiki may reach them.
func newDestinations(t *testing.T, cluster *rest.Config, settings map[string]any) *outside {
	t.Helper()
	listener := node.Listen(t, cluster)
	server := &http.Server{ReadHeaderTimeout: time.Minute, Handler: http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		fmt.Fprint(w, "soup from elsewhere")
	})}
	go func() { assert.ErrorIs(t, server.Serve(listener), http.ErrServerClosed) }()
	t.Cleanup(func() { require.NoError(t, server.Close()) })
	o := &outside{mail: mailbox.New(t, cluster), web: listener.Addr().String()}
	settings["egress"] = []string{o.web}
	settings["mail.host"], settings["mail.port"], settings["mail.from"] = o.mail.Host, o.mail.Port, "wiki@example.org"
	return o
}

// reaches checks that a wiki gets what its destinations have, and does not wait long for others.
func (o *outside) reaches(t *testing.T, w *wiki) {
	got, _ := w.fetch(t, "http://"+o.web+"/")
	assert.Equal(t, `"soup from elsewhere"`, got)
	got, took := w.fetch(t, dropped)
	assert.Equal(t, "null", got)
	assert.Less(t, took, 4*time.Second)
}

// mails sends a mail to a server that takes it, and then to one that does not: somebody has to hear of that.
func (o *outside) mails(t *testing.T, w *wiki) {
	pod := kube.Names(w.AwaitReady(t, jobPods, 1))[0]
	_, err := w.Exec(t.Context(), pod, "jobs", "", "php", "maintenance/run.php", "resetUserEmail", "--no-reset-password",
		w.outputs.AdminUser, "cook@example.org")
	require.NoError(t, err)
	require.NoError(t, w.admin.Mail(t.Context(), w.outputs.AdminUser, "Soup", "The soup is ready."))
	messages := o.mail.Messages()
	require.Len(t, messages, 1)
	assert.Contains(t, messages[0], `Reply-To: "`+w.outputs.AdminUser+`"`)
	assert.Regexp(t, "(?m)^From: .*<wiki@example.org>", messages[0])
	assert.Contains(t, messages[0], "The soup is ready.")
	assert.Equal(t, doctor.OK, w.finding(t, "mail").Level)

	o.mail.Refuse(true)
	defer o.mail.Refuse(false)
	require.Error(t, w.admin.Mail(t.Context(), w.outputs.AdminUser, "Soup", "The soup is cold."))
	const reason = "A mail was not sent: Failed to set sender: wiki@example.org"
	await.Success(t, "the container's log says why", func() error {
		logs := w.Logs(t, webPods)
		for _, log := range logs {
			if strings.Contains(log, reason) && strings.Contains(log, mailbox.Refusal[4:]) {
				return nil
			}
		}
		return fmt.Errorf("it is in none of %d logs", len(logs))
	})
	found := w.finding(t, "mail")
	assert.Equal(t, doctor.Failure, found.Level)
	assert.Contains(t, found.What, mailbox.Refusal)
}

// finding is what the doctor says about one thing.
func (w *wiki) finding(t *testing.T, about string) doctor.Finding {
	t.Helper()
	for _, f := range w.examine(t) {
		if f.About == about {
			return f
		}
	}
	t.Fatalf("the doctor says nothing about %s", about)
	return doctor.Finding{}
}
