package languages

import (
	"context"
	"errors"
	"net"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/mediawiki-stack/mediawiki-stack/internal/mediawiki"
	"github.com/mediawiki-stack/mediawiki-stack/tests/internal/await"
	"github.com/mediawiki-stack/mediawiki-stack/tests/internal/engine"
	"github.com/mediawiki-stack/mediawiki-stack/tests/internal/kube"
)

// inputs are the changes that a user with a private registry makes to an example, in each language. They replace its profile.
var inputs = map[string]struct{ file, profile, added string }{
	"go": {file: "main.go", profile: "Profile:         components.ProfilePi4G,", added: `
		Profile:     components.ProfilePi2G,
		Replicas:    new(1),
		Image:       pulumi.String("{mediawiki}"),
		Database:    components.DatabaseArgs{Image: pulumi.String("{mariadb}")},
		ObjectCache: components.ObjectCacheArgs{Image: pulumi.String("{memcached}")},
		Cache:       components.CacheArgs{Image: pulumi.String("{varnish}")},`},
	"yaml": {file: "Pulumi.yaml", profile: "profile: pi-4g", added: `
      profile: pi-2g
      replicas: 1
      image: {mediawiki}
      database:
        image: {mariadb}
      objectCache:
        image: {memcached}
      cache:
        image: {varnish}`},
	"typescript": {file: "index.ts", profile: `profile: "pi-4g",`, added: `
    profile: "pi-2g",
    replicas: 1,
    image: "{mediawiki}",
    database: { image: "{mariadb}" },
    objectCache: { image: "{memcached}" },
    cache: { image: "{varnish}" },`},
}

// useLocalImages makes an example take the embedded cluster's images, and little memory.
func (p *project) useLocalImages(t *testing.T, language string) {
	t.Helper()
	changed := inputs[language]
	for _, image := range []string{"mediawiki", "mariadb", "memcached", "varnish"} {
		changed.added = strings.Replace(changed.added, "{"+image+"}", engine.LocalImage(t, image), 1)
	}
	p.replaceIn(t, changed.file, changed.profile, strings.TrimSpace(changed.added))
	p.compile(t)
}

// logIn returns a session of the wiki's administrator. The example's address has the name of a Raspberry Pi, so this connects to the node.
func (p *project) logIn(t *testing.T, namespace *kube.Namespace) *mediawiki.Client {
	t.Helper()
	address := strings.TrimSpace(p.run(t, "pulumi", "stack", "output", "--stack=dev", "url"))
	password := strings.TrimSpace(p.run(t, "pulumi", "stack", "output", "--stack=dev", "adminPassword", "--show-secrets"))
	readers, err := url.Parse(address)
	require.NoError(t, err)
	assert.Equal(t, "raspberrypi.local", readers.Hostname())
	server, err := url.Parse(namespace.Config.Host)
	require.NoError(t, err)
	node := net.JoinHostPort(server.Hostname(), readers.Port())
	wiki := mediawiki.New(address).WithDial(func(ctx context.Context, network, _ string) (net.Conn, error) {
		return new(net.Dialer).DialContext(ctx, network, node)
	})
	await.Success(t, "the node port answers", func() error {
		response, err := wiki.Get(t.Context(), "/wiki/Main_Page")
		if err == nil && response.Status != http.StatusOK {
			err = errors.New(http.StatusText(response.Status))
		}
		return err
	})
	require.NoError(t, wiki.LogIn(t.Context(), "Admin", password))
	return wiki
}

// destroy destroys the project's stack. Only its data remains.
func (p *project) destroy(t *testing.T, namespace *kube.Namespace) {
	t.Helper()
	namespace.Explain(t)
	p.run(t, "pulumi", "destroy", "--stack=dev", "--yes")
	assert.Empty(t, namespace.Pods(t, ""))
	assert.NotEmpty(t, namespace.Volumes(t))
}
