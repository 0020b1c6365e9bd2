package farm

import (
	"context"
	"errors"
	"net"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/mediawiki-stack/mediawiki-stack/internal/mediawiki"
	"github.com/mediawiki-stack/mediawiki-stack/tests/internal/await"
	"github.com/mediawiki-stack/mediawiki-stack/tests/internal/kube"
	"github.com/mediawiki-stack/mediawiki-stack/tests/internal/mariadb"
)

// wiki is a wiki of the farm, or a separate one.
type wiki struct {
	*kube.Namespace
	name   string // its objects' names begin with it
	admin  *mediawiki.Client
	reader *mediawiki.Client // has no session
}

// doors maps the node ports of wikis to the addresses of nodes. A node forwards readers only to its own Pods.
type doors map[string]string

// reach waits until a wiki answers, and logs in.
func (d doors) reach(t *testing.T, namespace *kube.Namespace, name, address, password string) *wiki {
	t.Helper()
	readers, err := url.Parse(address)
	require.NoError(t, err)
	caches := namespace.Pods(t, "app="+name+"-cache")
	require.NotEmpty(t, caches)
	for _, pod := range namespace.AwaitReady(t, "app="+name+"-cache", len(caches)) {
		d[readers.Port()] = nodeAddress(t, namespace, pod.Spec.NodeName)
	}
	w := &wiki{Namespace: namespace, name: name, reader: d.client(address), admin: d.client(address)}
	await.Success(t, name+" answers", func() error {
		_, err := w.reader.Page(t.Context(), "Main Page")
		return err
	})
	require.NoError(t, w.admin.LogIn(t.Context(), "Admin", password))
	return w
}

// client returns a client without a session that connects to the nodes.
func (d doors) client(address string) *mediawiki.Client {
	return mediawiki.New(address).WithTimeout(time.Minute).Through(func(ctx context.Context, network, address string) (net.Conn, error) {
		_, port, err := net.SplitHostPort(address)
		if err != nil {
			return nil, err
		}
		return new(net.Dialer).DialContext(ctx, network, net.JoinHostPort(d[port], port))
	})
}

func nodeAddress(t *testing.T, namespace *kube.Namespace, name string) string {
	t.Helper()
	node, err := namespace.Kube.CoreV1().Nodes().Get(t.Context(), name, metav1.GetOptions{})
	require.NoError(t, err)
	for _, address := range node.Status.Addresses {
		if address.Type == corev1.NodeInternalIP {
			return address.Address
		}
	}
	require.Fail(t, "the node has no address")
	return ""
}

// use does what users do: edits, views of the page by the administrator and by readers, until there are no jobs left.
func (w *wiki) use(t *testing.T, text string) {
	t.Helper()
	require.NoError(t, w.admin.Edit(t.Context(), "Soup", text))
	_, err := w.admin.Page(t.Context(), "Soup")
	require.NoError(t, err)
	w.isCached(t, "Soup", text)
	w.isCached(t, "Main Page", "MediaWiki")
	await.Success(t, w.name+" has no jobs", func() error {
		if jobs, err := w.admin.Jobs(t.Context()); err != nil || jobs > 0 {
			return errors.Join(err, errors.New("there are jobs"))
		}
		return nil
	})
}

// isCached reads a page until it comes from the cache.
func (w *wiki) isCached(t *testing.T, title, text string) {
	t.Helper()
	await.Success(t, title+" of "+w.name+" comes from the cache", func() error {
		cached, page := w.read(t, title)
		assert.Contains(t, page, text)
		if !cached {
			return errors.New("it came from a web Pod")
		}
		return nil
	})
}

// read reads a page without a session, and reports whether it came from the cache.
func (w *wiki) read(t *testing.T, title string) (cached bool, page string) {
	t.Helper()
	response, err := w.reader.Get(t.Context(), "/wiki/"+strings.ReplaceAll(title, " ", "_"))
	require.NoError(t, err)
	require.Equal(t, http.StatusOK, response.Status)
	return response.Header.Get("X-Cache") == "hit", string(response.Body)
}

// webPod returns the name of a Pod that serves pages.
func (w *wiki) webPod(t *testing.T) string {
	t.Helper()
	return kube.Names(w.AwaitReady(t, "app="+w.name+"-app", 1))[0]
}

// account returns how the matching Pods log in to the database.
func (w *wiki) account(t *testing.T, selector string) mariadb.Login {
	t.Helper()
	for _, pod := range w.Pods(t, selector) {
		for _, volume := range pod.Spec.Volumes {
			if volume.Name == "secrets" {
				secret, err := w.Kube.CoreV1().Secrets(w.Name).Get(t.Context(), volume.Secret.SecretName, metav1.GetOptions{})
				require.NoError(t, err)
				return mariadb.Login{
					User: string(secret.Data["database-user"]), Password: string(secret.Data["database-password"]),
					Host: serverAddress(t, w.Namespace), Database: "wiki_" + w.name,
				}
			}
		}
	}
	require.Fail(t, "no Pod has secrets: "+selector)
	return mariadb.Login{}
}

// serverAddress returns the address of the Service of the shared MariaDB.
func serverAddress(t *testing.T, namespace *kube.Namespace) string {
	t.Helper()
	service, err := namespace.Kube.CoreV1().Services(serverNamespace).Get(t.Context(), "mariadb", metav1.GetOptions{})
	require.NoError(t, err)
	return service.Spec.ClusterIP
}

// query runs a statement from a web Pod.
func (w *wiki) query(t *testing.T, login mariadb.Login, statement string) ([][]string, error) {
	t.Helper()
	pod := w.webPod(t)
	return mariadb.Query(t.Context(), func(ctx context.Context, stdin string, command ...string) (string, error) {
		return w.Exec(ctx, pod, "mediawiki", stdin, command...)
	}, login, statement)
}
