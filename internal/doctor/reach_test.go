package doctor_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"k8s.io/client-go/rest"

	"github.com/mediawiki-stack/mediawiki-stack/internal/doctor"
)

// anAPIServer returns a server that knows only its version and health.
func anAPIServer(t *testing.T) *httptest.Server {
	t.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/version":
			fmt.Fprint(w, `{"gitVersion":"v1.34.4"}`)
		case "/readyz":
			fmt.Fprint(w, "[+]ping ok\n")
		default:
			w.WriteHeader(http.StatusNotFound)
		}
	}))
	t.Cleanup(server.Close)
	return server
}

const kubeconfig = `apiVersion: v1
kind: Config
clusters:
- {name: microk8s-cluster, cluster: {server: "https://192.0.2.7:16443"}}
- {name: broken, cluster: {server: ""}}
contexts:
- {name: microk8s, context: {cluster: microk8s-cluster, user: admin}}
- {name: broken, context: {cluster: broken, user: admin}}
`

// kubeconfigOf returns the path of a kubeconfig with the address of a server.
func kubeconfigOf(t *testing.T, address string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "config")
	text := strings.Replace(kubeconfig, "https://192.0.2.7:16443", address, 1)
	require.NoError(t, os.WriteFile(path, []byte(text), 0o600))
	return path
}

func TestClusterThatCannotBeReachedIsAFailure(t *testing.T) {
	server := httptest.NewServer(http.NotFoundHandler())
	server.Close() // its port refuses connections
	for name, c := range map[string]struct{ kubeconfig, context, about, want, fix string }{
		"nobody listens":   {kubeconfigOf(t, server.URL), "microk8s", "API server", "connection refused", "microk8s status"},
		"no kubeconfig":    {"/nonexistent", "", "kubeconfig", "no kubeconfig at /nonexistent", "microk8s config > ~/.kube/config"},
		"no context":       {kubeconfigOf(t, server.URL), "prod", "kubeconfig", `no context "prod"`, "config set context microk8s"},
		"a context unset":  {kubeconfigOf(t, server.URL), "", "kubeconfig", `no context ""`, "config set context"},
		"a broken address": {kubeconfigOf(t, server.URL), "broken", "kubeconfig", "no usable server address", "microk8s config"},
	} {
		t.Run(name, func(t *testing.T) {
			findings := doctor.Examine(t.Context(), doctor.Options{Kubeconfig: c.kubeconfig, Context: c.context})
			found := about(t, c.about, findings)
			assert.Equal(t, doctor.Failure, found[0].Level)
			assert.Contains(t, said(found[0]), c.want)
			assert.Contains(t, found[0].Fix, c.fix)
			assert.Equal(t, 1, doctor.ExitStatus(findings))
		})
	}
}

func TestCertificatesAreSeenBeforeTheyEnd(t *testing.T) {
	server := httptest.NewTLSServer(http.NotFoundHandler())
	defer server.Close()
	certificate := server.Certificate()
	config := &rest.Config{Host: server.URL}
	config.CAData = pemOf(certificate)
	for day, want := range map[time.Duration]doctor.Level{-100: doctor.OK, -10: doctor.Warning, 1: doctor.Failure} {
		e := healthy().environment(t)
		e.Config, e.Now = config, certificate.NotAfter.Add(day*24*time.Hour)
		for _, found := range about(t, "certificates", e.Examine(t.Context())) {
			assert.Equal(t, want, found.Level, said(found))
			assert.Contains(t, said(found), certificate.NotAfter.Format(time.DateOnly))
		}
	}
	e := healthy().environment(t)
	e.Config, e.Now = config, certificate.NotAfter
	certificates := about(t, "certificates", e.Examine(t.Context()))
	fixes := make([]string, 0, len(certificates))
	for _, found := range certificates {
		fixes = append(fixes, found.Fix)
	}
	assert.Contains(t, strings.Join(fixes, "\n"), "refresh-certs --cert ca.crt")
	assert.Contains(t, strings.Join(fixes, "\n"), "refresh-certs --cert server.crt")
}

func TestForbiddenChecksAreWarnings(t *testing.T) {
	findings := doctor.Examine(t.Context(), doctor.Options{Kubeconfig: kubeconfigOf(t, anAPIServer(t).URL), Context: "microk8s"})
	assert.Equal(t, doctor.OK, about(t, "API server", findings)[0].Level)
	assert.Equal(t, doctor.Warning, about(t, "nodes", findings)[0].Level)
	assert.Contains(t, about(t, "nodes", findings)[0].What, "cannot be checked")
	assert.Equal(t, 0, doctor.ExitStatus(findings))
}

// aPulumi returns a command that prints the output of pulumi for a stack.
func aPulumi(t *testing.T, config, outputs, preview string, status int) []string {
	t.Helper()
	script := filepath.Join(t.TempDir(), "pulumi")
	require.NoError(t, os.WriteFile(script, fmt.Appendf(nil, `#!/bin/sh
case "$*" in
"-s rpi config --json") echo '%s' ;;
"-s rpi stack output --json") echo '%s' ;;
"-s rpi preview --refresh --json --non-interactive") echo '%s'; exit %d ;;
*) echo "what is $*?" >&2; exit 9 ;;
esac
`, config, outputs, preview, status), 0o755))
	return []string{script, "-s", "rpi"}
}

func TestStackIsComparedWithTheCluster(t *testing.T) {
	file := kubeconfigOf(t, anAPIServer(t).URL)
	config := fmt.Sprintf(`{"mediawiki:kubeconfig":{"value":"%s"},"mediawiki:context":{"value":"microk8s"},
		"mediawiki:nodePort":{"value":"30080"}, "mediawiki:masterSecret":{"secret":true}}`, file)
	const deployed, urn = `{"namespace":"mediawiki-rpi"}`, "urn:pulumi:rpi::mediawiki::kubernetes:core/v1:Service::mediawiki-srv"
	for name, c := range map[string]struct {
		outputs, preview string
		status           int
		level            doctor.Level
		want             string
	}{
		"nothing has changed": {deployed, `{"steps":[{"op":"same","urn":"` + urn + `"}]}`, 0, doctor.OK, "pulumi up would change nothing"},
		"something has":       {deployed, `{"steps":[{"op":"update","urn":"` + urn + `"}]}`, 0, doctor.Warning, "update mediawiki-srv"},
		"nothing is deployed": {`{}`, `{"steps":[{"op":"create","urn":"` + urn + `"}]}`, 0, doctor.OK, "pulumi up would create 1 object"},
		"it cannot be": {
			deployed, `{"diagnostics":[{"severity":"error","message":"3 problems in it"}]}`, 255, doctor.Failure, "3 problems",
		},
		"pulumi says nothing": {deployed, ``, 255, doctor.Warning, "cannot be checked"},
	} {
		t.Run(name, func(t *testing.T) {
			findings := doctor.Examine(t.Context(), doctor.Options{Pulumi: aPulumi(t, config, c.outputs, c.preview, c.status)})
			found := about(t, "stack", findings)[0]
			assert.Equal(t, c.level, found.Level)
			assert.Contains(t, said(found), c.want)
			assert.Equal(t, doctor.OK, about(t, "API server", findings)[0].Level, "which the stack's kubeconfig names")
		})
	}
}

func TestUnreadableStackIsAWarning(t *testing.T) {
	findings := doctor.Examine(t.Context(), doctor.Options{
		Kubeconfig: kubeconfigOf(t, anAPIServer(t).URL), Context: "microk8s", Pulumi: aPulumi(t, "", "", "", 0)[:1],
	})
	found := about(t, "stack", findings)[0]
	assert.Equal(t, doctor.Warning, found.Level)
	assert.Contains(t, found.What, "what is config --json?")
}
