package unit

import (
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi/internals"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/mediawiki-stack/mediawiki-stack/components"
)

// stackOf returns a wiki's component.
func stackOf(t *testing.T, preview bool, changes ...change) *components.MediaWikiStack {
	t.Helper()
	_, created, err := run(preview, map[string]*components.MediaWikiStackArgs{"mediawiki": wikiArgs(changes...)})
	require.NoError(t, err)
	return created["mediawiki"]
}

// output waits for an output of a component.
func output(t *testing.T, value pulumi.Output) internals.UnsafeAwaitOutputResult {
	t.Helper()
	state, err := internals.UnsafeAwaitOutput(t.Context(), value)
	require.NoError(t, err)
	return state
}

func TestURLIsAnAddressForABrowser(t *testing.T) {
	for name, c := range map[string]struct {
		change change
		want   string
	}{
		"node port assigned by Kubernetes": {func(*components.MediaWikiStackArgs) {}, "http://192.0.2.7:31234"},
		"node port given": {
			func(a *components.MediaWikiStackArgs) { a.Service.NodePort = 30080 }, "http://192.0.2.7:30080",
		},
		"IPv6 address": {
			func(a *components.MediaWikiStackArgs) { a.NodeHost = pulumi.String("2001:db8::7") }, "http://[2001:db8::7]:31234",
		},
		"site address": {
			func(a *components.MediaWikiStackArgs) { a.SiteURL = "https://wiki.example.org/" }, "https://wiki.example.org",
		},
		"inside the cluster": {
			func(a *components.MediaWikiStackArgs) { a.Service.Type = components.ServiceClusterIP },
			"http://mediawiki-srv.wiki.svc.cluster.local",
		},
	} {
		t.Run(name, func(t *testing.T) {
			url := output(t, stackOf(t, false, c.change).URL)
			assert.Equal(t, c.want, url.Value)
			assert.False(t, url.Secret)
		})
	}
}

func TestPasswordOutputIsSecret(t *testing.T) {
	assert.True(t, output(t, stackOf(t, false).DatabasePassword).Secret)
}

func TestAddressIsUnknownUntilAPortIsAssigned(t *testing.T) {
	for _, preview := range []bool{true, false} {
		stack := stackOf(t, preview)
		assert.Equal(t, !preview, output(t, stack.URL).Known, "url, preview %t", preview)
		assert.Equal(t, !preview, output(t, stack.NodePort).Known, "nodePort, preview %t", preview)
	}
}
