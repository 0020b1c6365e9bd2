package ingress

import (
	"cmp"
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/mediawiki-stack/mediawiki-stack/tests/internal/kube"
	"github.com/mediawiki-stack/mediawiki-stack/tests/internal/node"
)

// door is what readers connect to: the ingress controller at ports 80 and 443 of each node, a proxy, or a port of nodes.
type door struct {
	*kube.Namespace
	nodes []string // addresses
	port  string   // of the nodes; empty: that of the requested address
}

// openDoor returns the cluster's ingress controller.
func openDoor(t *testing.T) *door {
	t.Helper()
	d := &door{Namespace: kube.Open(t, "ingress")}
	_, err := d.Kube.AppsV1().DaemonSets(d.Name).Get(t.Context(), controller, metav1.GetOptions{})
	require.NoError(t, err, "these tests need a cluster with an ingress controller; fix: make test-ingress")
	nodes, err := d.Kube.CoreV1().Nodes().List(t.Context(), metav1.ListOptions{})
	require.NoError(t, err)
	for _, node := range nodes.Items {
		for _, address := range node.Status.Addresses {
			if address.Type == corev1.NodeInternalIP {
				d.nodes = append(d.nodes, address.Address)
			}
		}
	}
	require.NotEmpty(t, d.nodes)
	return d
}

// only returns a door that leads to one address.
func (d *door) only(address string) *door {
	return &door{Namespace: d.Namespace, nodes: []string{address}}
}

// controller is the name of the controller's DaemonSet and container.
const controller = "traefik"

// dial connects to the door whatever the host is, as if DNS had an address of each node: it tries the next node if one refuses. from
// is the local address; empty for any.
func (d *door) dial(from string) kube.Dial {
	dialer := &net.Dialer{Timeout: 5 * time.Second}
	if from != "" {
		dialer.LocalAddr = &net.TCPAddr{IP: net.ParseIP(from)}
	}
	return func(ctx context.Context, network, address string) (net.Conn, error) {
		_, port, err := net.SplitHostPort(address)
		if err != nil {
			return nil, err
		}
		return d.firstNode(ctx, dialer.DialContext, network, cmp.Or(d.port, port))
	}
}

// dialTLS is like dial. It also tries the next node if the handshake fails, for example because a controller has just started and has no
// certificate yet.
func (d *door) dialTLS(roots *x509.CertPool) kube.Dial {
	return func(ctx context.Context, network, address string) (net.Conn, error) {
		host, port, err := net.SplitHostPort(address)
		if err != nil {
			return nil, err
		}
		dialer := &tls.Dialer{
			NetDialer: &net.Dialer{Timeout: 5 * time.Second},
			Config:    &tls.Config{RootCAs: roots, ServerName: host, MinVersion: tls.VersionTLS12},
		}
		return d.firstNode(ctx, dialer.DialContext, network, port)
	}
}

// firstNode connects to a port of the first node that accepts the connection.
func (d *door) firstNode(ctx context.Context, dial kube.Dial, network, port string) (net.Conn, error) {
	var errs []error
	for _, node := range d.nodes {
		connection, err := dial(ctx, network, net.JoinHostPort(node, port))
		if err == nil {
			return connection, nil
		}
		errs = append(errs, err)
	}
	return nil, errors.Join(errs...)
}

// client returns an HTTP/2 client that trusts only these authorities.
func (d *door) client(roots *x509.CertPool, from string) *http.Client {
	return &http.Client{
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		Transport: &http.Transport{
			DialContext: d.dial(from), ForceAttemptHTTP2: true,
			TLSClientConfig: &tls.Config{RootCAs: roots, MinVersion: tls.VersionTLS12},
		},
	}
}

// answer is a response with its body.
type answer struct {
	*http.Response
	body string
}

// get requests an address. Any status is accepted.
func get(ctx context.Context, client *http.Client, address string, header http.Header) (*answer, error) {
	ctx, cancel := context.WithTimeout(ctx, 10*time.Second)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return nil, err
	}
	request.Header = header.Clone()
	return send(client, request)
}

func send(client *http.Client, request *http.Request) (*answer, error) {
	response, err := client.Do(request)
	if err != nil {
		return nil, err
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	return &answer{Response: response, body: string(body)}, err
}

// secondAddress gives this machine another address in the cluster's network until the test ends, and returns both.
func (d *door) secondAddress(t *testing.T) (own, second string) {
	t.Helper()
	return node.SecondAddress(t, net.JoinHostPort(d.nodes[0], "80"))
}

// restart replaces the controller's Pods, as `kubectl rollout restart` does.
func (d *door) restart(t *testing.T) {
	t.Helper()
	kubectl(t, "", "-n", d.Name, "rollout", "restart", "daemonset/"+controller)
	d.awaitRollout(t)
}

func (d *door) awaitRollout(t *testing.T) {
	t.Helper()
	kubectl(t, "", "-n", d.Name, "rollout", "status", "daemonset/"+controller, "--timeout=3m")
}

// kubectl runs kubectl on the cluster and returns what it printed.
func kubectl(t *testing.T, input string, args ...string) string {
	t.Helper()
	cmd := exec.CommandContext(context.WithoutCancel(t.Context()), "cluster", append([]string{"kubectl"}, args...)...)
	cmd.Stdin = strings.NewReader(input)
	out, err := cmd.CombinedOutput()
	require.NoError(t, err, "kubectl %s: %s", strings.Join(args, " "), out)
	return strings.TrimSpace(string(out))
}

// explain prints what cert-manager says about the certificates of a namespace if the test has failed. Call it with defer.
func explain(t *testing.T, namespace string) {
	t.Helper()
	if !t.Failed() {
		return
	}
	kinds := "issuers,certificates,certificaterequests,orders,challenges,ingresses,pods,events"
	t.Log(kubectl(t, "", "-n", namespace, "get", kinds, "-o", "wide", "--ignore-not-found"))
	t.Log(kubectl(t, "", "-n", namespace, "describe", "issuers,certificaterequests,orders,challenges"))
	t.Log(kubectl(t, "", "-n", "cert-manager", "logs", "deployment/cert-manager", "--tail=60"))
	t.Log(kubectl(t, "", "-n", "ingress", "logs", "daemonset/"+controller, "--tail=40"))
}

// ok returns an error unless the response has status 200.
func (a *answer) ok() error {
	if a.StatusCode != http.StatusOK {
		return fmt.Errorf("status %d: %.200s", a.StatusCode, a.body)
	}
	return nil
}
