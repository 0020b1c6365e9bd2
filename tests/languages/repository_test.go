package languages

import (
	"cmp"
	"crypto/tls"
	"net"
	"net/http/cgi" //nolint:gosec // the vulnerability is that of Go before 1.6.3
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/mediawiki-stack/mediawiki-stack/tests/internal/authority"
)

// TestPackageIsAddedFromARepository adds the package to a project in YAML from a git repository, as a forge has it. The plugin must report
// the version under which Pulumi has stored it; otherwise Pulumi does not find it again.
func TestPackageIsAddedFromARepository(t *testing.T) {
	root, err := filepath.Abs(checkout)
	require.NoError(t, err)
	for name, tag := range map[string]string{"by its tag": "v1.98.7", "without tags": ""} {
		t.Run(name, func(t *testing.T) {
			address, bundle := serveRepository(t, tag)
			p := open(t, "yaml")
			p.env = append(p.env, "SSL_CERT_FILE="+bundle, "TMPDIR="+t.TempDir(), "PULUMI_HOME="+pulumiHome(t),
				"PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION=false")
			p.replace(t, "packages:\n  mediawiki: "+root, "")
			p.replace(t, "profile: pi-4g", "profile: huge")
			_, message, err := p.try(t, "pulumi", "package", "add", address)
			// The last step, which adds this to Pulumi.yaml, takes a newer language host than can be built here.
			require.Error(t, err)
			require.Contains(t, message, "error: linking package: method Link not implemented")
			p.replace(t, "runtime: yaml", "runtime: yaml\npackages:\n  mediawiki: "+address)

			out, message, err := p.try(t, "pulumi", "preview", "--stack=dev", "--color=never")
			require.Error(t, err)
			assert.Contains(t, out+message, `MediaWikiStack "team": the value of Profile is "huge"; set it to one of`)
			declared, err := filepath.Glob(filepath.Join(p.folder, "sdks", "mediawiki-stack-mediawiki", "mediawiki-*.yaml"))
			require.NoError(t, err)
			require.Len(t, declared, 1)
			assert.Contains(t, declared[0], strings.TrimPrefix(tag, "v"))
		})
	}
}

// serveRepository returns the address of a repository with the checkout's files, and a file with the authority of its server. The commit
// has the given tag, or one that is no version if that is empty.
func serveRepository(t *testing.T, tag string) (address, bundle string) {
	t.Helper()
	folder, tree := t.TempDir(), t.TempDir()
	repository := filepath.Join(folder, "mediawiki-stack", "mediawiki-stack.git")
	for _, command := range [][]string{
		{"bash", "-c", `cd "$0" && git ls-files -z --cached --others --exclude-standard | xargs -0 cp --parents -t "$1"`, checkout, tree},
		{"git", "-C", tree, "init", "--quiet"},
		{"git", "-C", tree, "add", "--all"},
		{"git", "-C", tree, "-c", "user.name=a", "-c", "user.email=a@example.org", "commit", "--quiet", "--message=a"},
		{"git", "-C", tree, "tag", cmp.Or(tag, "other")},
		{"git", "clone", "--quiet", "--bare", tree, repository},
	} {
		out, err := exec.CommandContext(t.Context(), command[0], command[1:]...).CombinedOutput()
		require.NoErrorf(t, err, "%s\n%s", command, out)
	}
	programs, err := exec.CommandContext(t.Context(), "git", "--exec-path").Output()
	require.NoError(t, err)
	server := httptest.NewUnstartedServer(&cgi.Handler{
		Path: filepath.Join(strings.TrimSpace(string(programs)), "git-http-backend"),
		Env:  []string{"GIT_PROJECT_ROOT=" + folder, "GIT_HTTP_EXPORT_ALL=1"},
	})
	// Pulumi does not find a plugin again if its address has a port.
	const host = "127.0.17.1"
	require.NoError(t, server.Listener.Close())
	server.Listener, err = new(net.ListenConfig).Listen(t.Context(), "tcp", host+":443")
	require.NoError(t, err)
	own := authority.New(t)
	server.TLS = &tls.Config{Certificates: []tls.Certificate{own.Issue(t, host)}, MinVersion: tls.VersionTLS12}
	server.StartTLS()
	t.Cleanup(server.Close)
	bundle = filepath.Join(t.TempDir(), "authority.pem")
	require.NoError(t, os.WriteFile(bundle, own.PEM(), 0o600))
	return "https://" + host + "/mediawiki-stack/mediawiki-stack.git", bundle
}
