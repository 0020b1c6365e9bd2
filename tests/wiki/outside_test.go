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

// fetch makes MediaWiki request an address three times from a job runner. It returns the response as JSON, which is null on failure, and
// the average time.
func (w *wiki) fetch(t *testing.T, address string) (string, time.Duration) {
	t.Helper()
	pod := kube.Names(w.AwaitReady(t, jobPods, 1))[0]
	code := `$http = MediaWiki\MediaWikiServices::getInstance()->getHttpRequestFactory(); ` +
		`$http->get( 'http://127.0.0.1:9/', [], 'test' ); $began = microtime( true ); ` + // loads the classes
		`foreach ( [ 1, 2, 3 ] as $n ) { $got = $http->get( '` + address + `', [], 'test' ); } ` +
		`printf( "got %s in %.3fs\n", json_encode( $got ), ( microtime( true ) - $began ) / 3 );`
	printed, err := w.Exec(t.Context(), pod, "jobs", code+"\n", "php", "maintenance/run.php", "eval")
	require.NoError(t, err)
	_, printed, found := strings.Cut(printed, "got ")
	require.True(t, found, printed)
	got, took, _ := strings.Cut(strings.TrimSpace(strings.Split(printed, "\n")[0]), " in ")
	duration, err := time.ParseDuration(took)
	require.NoError(t, err, printed)
	return got, duration
}

// blockedAddress has a server that no policy allows the wiki's Pods to reach.
const blockedAddress = "http://kube-dns.kube-system:9153/metrics"

// blockedRequestsFailFast requests a blocked address. Policies drop packets, so without a fix MediaWiki would wait until its timeout.
func (w *wiki) blockedRequestsFailFast(t *testing.T) {
	got, took := w.fetch(t, blockedAddress)
	assert.Equal(t, "null", got)
	assert.Less(t, took, 800*time.Millisecond)
}

// destinations are servers outside the cluster that a wiki may reach: a mail server and a web server.
type destinations struct {
	mail *mailbox.Mailbox
	web  string
}

// newDestinations starts both servers, and adds them to a wiki's settings.
func newDestinations(t *testing.T, cluster *rest.Config, settings map[string]any) *destinations {
	t.Helper()
	listener := node.Listen(t, cluster)
	server := &http.Server{ReadHeaderTimeout: time.Minute, Handler: http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		fmt.Fprint(w, "soup from elsewhere")
	})}
	go func() { assert.ErrorIs(t, server.Serve(listener), http.ErrServerClosed) }()
	t.Cleanup(func() { require.NoError(t, server.Close()) })
	d := &destinations{mail: mailbox.New(t, cluster), web: listener.Addr().String()}
	settings["egress"] = []string{d.web}
	settings["mail.host"], settings["mail.port"], settings["mail.from"] = d.mail.Host, d.mail.Port, "wiki@example.org"
	return d
}

// reaches checks that the wiki reaches its destinations, and that requests elsewhere fail without a long wait.
func (d *destinations) reaches(t *testing.T, w *wiki) {
	got, _ := w.fetch(t, "http://"+d.web+"/")
	assert.Equal(t, `"soup from elsewhere"`, got)
	got, took := w.fetch(t, blockedAddress)
	assert.Equal(t, "null", got)
	assert.Less(t, took, 4*time.Second)
}

// mails sends a mail to a server that accepts it, and one to a server that rejects it. The rejection must be reported.
func (d *destinations) mails(t *testing.T, w *wiki) {
	pod := kube.Names(w.AwaitReady(t, jobPods, 1))[0]
	_, err := w.Exec(t.Context(), pod, "jobs", "", "php", "maintenance/run.php", "resetUserEmail", "--no-reset-password",
		w.outputs.AdminUser, "cook@example.org")
	require.NoError(t, err)
	require.NoError(t, w.admin.Mail(t.Context(), w.outputs.AdminUser, "Soup", "The soup is ready."))
	messages := d.mail.Messages()
	require.Len(t, messages, 1)
	assert.Contains(t, messages[0], `Reply-To: "`+w.outputs.AdminUser+`"`)
	assert.Regexp(t, "(?m)^From: .*<wiki@example.org>", messages[0])
	assert.Contains(t, messages[0], "The soup is ready.")
	assert.Equal(t, doctor.OK, w.finding(t, "mail").Level)

	d.mail.Refuse(true)
	defer d.mail.Refuse(false)
	require.Error(t, w.admin.Mail(t.Context(), w.outputs.AdminUser, "Soup", "The soup is cold."))
	const reason = "A mail was not sent: Failed to set sender: wiki@example.org"
	await.Success(t, "the reason is in the container's log", func() error {
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

// finding returns the doctor's finding about one thing.
func (w *wiki) finding(t *testing.T, about string) doctor.Finding {
	t.Helper()
	for _, f := range w.examine(t) {
		if f.About == about {
			return f
		}
	}
	t.Fatalf("the doctor has no finding about %s", about)
	return doctor.Finding{}
}
