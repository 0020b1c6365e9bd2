package ingress

import (
	"context"
	"errors"
	"net"
	"os"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"

	"github.com/mediawiki-stack/mediawiki-stack/tests/internal/authority"
	"github.com/mediawiki-stack/mediawiki-stack/tests/internal/await"
	"github.com/mediawiki-stack/mediawiki-stack/tests/internal/engine"
	"github.com/mediawiki-stack/mediawiki-stack/tests/internal/kube"
	"github.com/mediawiki-stack/mediawiki-stack/tests/internal/pebble"
)

const mainPage = site + "/wiki/Main_Page"

// certificateIsRenewed asks cert-manager for a new certificate, as `cmctl renew` does.
func (w *wiki) certificateIsRenewed(t *testing.T) {
	serial := func() string {
		client := w.door.client(w.roots, "")
		defer client.CloseIdleConnections()
		a, err := get(t.Context(), client, mainPage, nil)
		require.NoError(t, err)
		return a.TLS.PeerCertificates[0].SerialNumber.String()
	}
	first := serial()
	l := w.door.startLoad(t, w.roots, mainPage)
	w.renew(t)
	await.Success(t, "another certificate is served", func() error {
		if serial() == first {
			return errors.New("it is the first one")
		}
		return nil
	})
	l.end(t, 0)
}

// renew sets the condition Issuing of the wiki's Certificate.
func (w *wiki) renew(t *testing.T) {
	t.Helper()
	certificates := w.Objects.Resource(schema.GroupVersionResource{Group: "cert-manager.io", Version: "v1", Resource: "certificates"})
	list, err := certificates.Namespace(w.Name).List(t.Context(), metav1.ListOptions{})
	require.NoError(t, err)
	require.Len(t, list.Items, 1)
	certificate := list.Items[0]
	old, _, err := unstructured.NestedSlice(certificate.Object, "status", "conditions")
	require.NoError(t, err)
	conditions := []any{map[string]any{
		"type": "Issuing", "status": "True", "reason": "ManuallyTriggered", "message": "A test wants it.",
		"lastTransitionTime": time.Now().UTC().Format(time.RFC3339),
	}}
	for _, condition := range old {
		if condition.(map[string]any)["type"] != "Issuing" {
			conditions = append(conditions, condition)
		}
	}
	require.NoError(t, unstructured.SetNestedSlice(certificate.Object, conditions, "status", "conditions"))
	_, err = certificates.Namespace(w.Name).UpdateStatus(t.Context(), &certificate, metav1.UpdateOptions{})
	require.NoError(t, err)
}

func (w *wiki) controllerIsRestarted(t *testing.T) {
	l := w.door.startLoad(t, w.roots, mainPage)
	w.door.restart(t)
	l.end(t, len(w.door.nodes)) // one for each controller, at most
}

// uploadsMayBeSlow uploads a file over a connection that takes 90 seconds for it: to the controller as it is installed, and again after the
// command in docs/operating.md.
func (w *wiki) uploadsMayBeSlow(t *testing.T) {
	const slow = 90 * time.Second
	upload := func(name string) error {
		content := pngOf(256 << 10)
		return w.admin.Through(slowly(w.door.dial(""), len(content), slow)).Upload(t.Context(), name, content)
	}
	require.Error(t, upload("Cut.png"), "Traefik ends a request that takes a minute to arrive")
	kubectl(t, "", documentedPatch(t)...)
	w.door.awaitRollout(t)
	t.Cleanup(func() {
		kubectl(t, "", "-n", w.door.Name, "rollout", "undo", "daemonset/"+controller)
		w.door.awaitRollout(t)
	})
	begun := time.Now()
	require.NoError(t, upload("Slow.png"))
	assert.Greater(t, time.Since(begun), slow*9/10)
}

// documentedPatch returns the arguments of the kubectl command in docs/operating.md that lets Traefik wait for a request as long as it
// takes.
func documentedPatch(t *testing.T) []string {
	t.Helper()
	text, err := os.ReadFile(engine.Checkout + "/docs/operating.md")
	require.NoError(t, err)
	command := regexp.MustCompile(`kubectl (-n ingress patch daemonset traefik [^']*)'(\[[^']*\])'`)
	found := command.FindStringSubmatch(string(text))
	require.NotNil(t, found, "the command is not in docs/operating.md")
	return append(strings.Fields(found[1]), found[2])
}

// slowly returns a Dial whose connections take the given time to send the given number of bytes.
func slowly(dial kube.Dial, bytes int, in time.Duration) kube.Dial {
	return func(ctx context.Context, network, address string) (net.Conn, error) {
		connection, err := dial(ctx, network, address)
		if err != nil {
			return nil, err
		}
		return &slowConnection{Conn: connection, each: in / time.Duration(bytes)}, nil
	}
}

// slowConnection waits for each byte that it sends.
type slowConnection struct {
	net.Conn
	each time.Duration
}

// Write sends small pieces, each after the time that it takes.
func (c *slowConnection) Write(content []byte) (int, error) {
	const piece = 1 << 10
	sent := 0
	for sent < len(content) {
		next := content[sent:min(sent+piece, len(content))]
		time.Sleep(time.Duration(len(next)) * c.each)
		n, err := c.Conn.Write(next)
		sent += n
		if err != nil {
			return sent, err
		}
	}
	return sent, nil
}

// TestUpExplainsAMissingCertificate deploys wikis whose certificate cannot be obtained. The error must say why, and the next `up` must
// succeed when the mistake is corrected.
func TestUpExplainsAMissingCertificate(t *testing.T) {
	d := openDoor(t)
	server := pebble.Start(t, validity)
	good := map[string]string{"tls.acmeServer": server.Directory, "tls.acmeCA": string(server.CA), "tls.email": "admin@" + host}
	w := newWiki(t, "refused", d, nil)
	w.roots = server.Roots(t)
	defer explain(t, w.Name)
	for name, value := range good {
		w.Set(t, name, value)
	}
	for _, c := range []struct{ name, key, value, want string }{
		{
			"nothing listens at the CA's address", "tls.acmeServer", strings.Replace(server.Directory, ":14000", ":14001", 1),
			"connection refused",
		},
		{"the CA has a certificate of another CA", "tls.acmeCA", string(authority.New(t).PEM()), "certificate signed by unknown authority"},
		{"the CA rejects the e-mail address", "tls.email", "küche@" + host, "non-ASCII characters"},
	} {
		t.Run(c.name, func(t *testing.T) {
			w.Set(t, c.key, c.value)
			defer w.Set(t, c.key, good[c.key])
			p, err := w.Operate(t, "up")
			require.Error(t, err)
			assert.Contains(t, p.Printed, c.want)
		})
	}
	t.Run("the next up succeeds", func(t *testing.T) {
		w.Up(t)
		await.Success(t, "the controller has noticed that there is a certificate", func() error {
			_, err := w.reader("").Page(t.Context(), "Main Page")
			return err
		})
	})
}
