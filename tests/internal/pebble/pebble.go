// Package pebble runs Pebble, Let's Encrypt's ACME server for tests, on the embedded cluster's first node.
package pebble

import (
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/mediawiki-stack/mediawiki-stack/tests/internal/authority"
	"github.com/mediawiki-stack/mediawiki-stack/tests/internal/await"
	"github.com/mediawiki-stack/mediawiki-stack/tests/internal/kube"
	"github.com/mediawiki-stack/mediawiki-stack/tests/internal/node"
)

// Server is a Pebble. It validates host names through the cluster's DNS.
type Server struct {
	// Directory is the URL that ACME clients are configured with.
	Directory string
	// CA is the authority of the server's own certificate, in PEM.
	CA []byte

	own     *x509.CertPool // contains CA
	address string         // of the node
	folder  string         // configuration and log
	process *exec.Cmd
}

// The ports that Pebble's documentation uses.
const port, managementPort = "14000", "15000"

// Start starts a Pebble whose certificates have the given validity. It ends with the test. Only one can run at a time.
func Start(t *testing.T, validity time.Duration) *Server {
	t.Helper()
	system := kube.Open(t, "kube-system")
	api, err := url.Parse(system.Config.Host)
	require.NoError(t, err)
	issuer := authority.New(t)
	s := &Server{
		Directory: "https://" + net.JoinHostPort(api.Hostname(), port) + "/dir", CA: issuer.PEM(), own: issuer.Pool(),
		address: api.Hostname(), folder: t.TempDir(),
	}
	certificates, key := authority.Encode(t, issuer.Issue(t, s.address))
	require.NoError(t, os.WriteFile(s.file("server.crt"), certificates, 0o600))
	require.NoError(t, os.WriteFile(s.file("server.key"), key, 0o600))
	settings, err := json.Marshal(map[string]any{"pebble": map[string]any{
		"listenAddress": net.JoinHostPort(s.address, port), "managementListenAddress": net.JoinHostPort(s.address, managementPort),
		"certificate": s.file("server.crt"), "privateKey": s.file("server.key"), "httpPort": 80, "tlsPort": 443,
		"certificateValidityPeriod": int(validity.Seconds()),
	}})
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(s.file("pebble.json"), settings, 0o600))
	dns, err := system.Kube.CoreV1().Services(system.Name).Get(t.Context(), "kube-dns", metav1.GetOptions{})
	require.NoError(t, err)
	s.run(t, net.JoinHostPort(dns.Spec.ClusterIP, "53"))
	return s
}

// run starts the process in the node's network, where it reaches the ingress controller.
func (s *Server) run(t *testing.T, dns string) {
	t.Helper()
	log, err := os.Create(s.file("log"))
	require.NoError(t, err)
	defer log.Close()
	s.process = exec.Command("nsenter", "--net="+node.Network(), //nolint:noctx // ended by stop
		"pebble", "-config", s.file("pebble.json"), "-dnsserver", dns, "-strict")
	s.process.Env = append(os.Environ(), "PEBBLE_VA_NOSLEEP=1")
	s.process.Stdout, s.process.Stderr = log, log
	require.NoError(t, s.process.Start())
	t.Cleanup(func() { s.stop(t) })
	await.Success(t, "Pebble answers", func() error {
		_, err := s.get(t, s.Directory)
		if err != nil {
			err = fmt.Errorf("%w: %s", err, s.Log())
		}
		return err
	})
}

// stop kills the process. It prints Pebble's log if the test has failed.
func (s *Server) stop(t *testing.T) {
	t.Helper()
	require.NoError(t, s.process.Process.Kill())
	_ = s.process.Wait() // it was killed
	if t.Failed() {
		t.Logf("log of Pebble:\n%s", s.Log())
	}
}

// Log returns what Pebble has printed.
func (s *Server) Log() string {
	log, err := os.ReadFile(s.file("log"))
	if err != nil {
		return err.Error()
	}
	return string(log)
}

// Roots returns the authority of the certificates that this Pebble issues. It is created at each start.
func (s *Server) Roots(t *testing.T) *x509.CertPool {
	t.Helper()
	certificate, err := s.get(t, "https://"+net.JoinHostPort(s.address, managementPort)+"/roots/0")
	require.NoError(t, err)
	roots := x509.NewCertPool()
	require.True(t, roots.AppendCertsFromPEM(certificate), "%s", certificate)
	return roots
}

func (s *Server) get(t *testing.T, address string) ([]byte, error) {
	t.Helper()
	transport := &http.Transport{TLSClientConfig: &tls.Config{RootCAs: s.own, MinVersion: tls.VersionTLS12}, DisableKeepAlives: true}
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, address, nil)
	if err != nil {
		return nil, err
	}
	response, err := (&http.Client{Transport: transport, Timeout: 5 * time.Second}).Do(request)
	if err != nil {
		return nil, err
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("%s: %s", address, response.Status)
	}
	return io.ReadAll(response.Body)
}

func (s *Server) file(name string) string { return filepath.Join(s.folder, name) }
