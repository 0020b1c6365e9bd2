package preflight_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"k8s.io/apimachinery/pkg/runtime"

	"github.com/mediawiki-stack/mediawiki-stack/internal/preflight"
	"github.com/mediawiki-stack/mediawiki-stack/internal/state"
)

// deployed returns the stack with a wiki that consists of one object.
func deployed(change ...func(*state.Stack)) *state.Stack {
	own := &state.Stack{
		Label: thisStack.Label, Deployed: true, Cluster: thisCluster, Context: "microk8s", Namespace: "mediawiki-test",
		UIDs: map[string]bool{"1": true},
	}
	for _, c := range change {
		c(own)
	}
	return own
}

func TestWikiStaysWhereItIs(t *testing.T) {
	older := func(s *state.Stack) { s.Cluster = "microk8s" } // as versions before 0030 have it
	for name, c := range map[string]struct {
		own      *state.Stack
		cluster  []runtime.Object
		values   map[string]string
		identity string // what the provider has to be told, so that it replaces nothing
		want     string // part of the one problem; none if empty
	}{
		"a new stack":                         {own: thisStack, identity: thisCluster},
		"the same cluster in another context": {own: deployed(), values: map[string]string{"context": "pi-home"}, identity: thisCluster},
		"another cluster": {
			own:    deployed(func(s *state.Stack) { s.Cluster = "c0ffee00-0000-4000-8000-000000000002" }),
			values: map[string]string{"context": "pi-home"}, want: "pulumi config set context microk8s",
		},
		"another cluster in the same context": {
			own:  deployed(func(s *state.Stack) { s.Cluster = "c0ffee00-0000-4000-8000-000000000002" }),
			want: "pulumi config set kubeconfig PATH",
		},
		"a cluster whose objects an older version has made": {
			own: deployed(older), cluster: []runtime.Object{newService("mediawiki-srv", "1", "")}, identity: "microk8s",
		},
		"another cluster than that of an older version": {
			own: deployed(older), cluster: []runtime.Object{newService("mediawiki-srv", "2", "")},
			want: "not the cluster that this stack's wiki is in",
		},
		"a stack or project that was renamed": {
			own: deployed(func(s *state.Stack) { s.Namespace = "mediawiki-home" }), want: "pulumi config set namespace mediawiki-home",
		},
		"a renamed stack in the namespace that it has": {
			own:      deployed(func(s *state.Stack) { s.Label = "stack-renamed" }),
			cluster:  []runtime.Object{newService("mediawiki-srv", "1", thisStack.Label)},
			identity: thisCluster,
		},
		"the namespace of another stack": {
			own: thisStack, cluster: []runtime.Object{namespaceOf("mediawiki-test", "3", "stack-another")},
			want: "namespaces/mediawiki-test belong to another stack",
		},
		"objects of another stack": {
			own: thisStack, cluster: []runtime.Object{newService("mediawiki-srv", "3", "stack-another")},
			want: "services/mediawiki-srv belong to another stack",
		},
		"objects of the wiki's names that belong to nobody": {
			own: thisStack, cluster: []runtime.Object{newService("mediawiki-srv", "3", "")}, want: "services/mediawiki-srv",
		},
		"objects of an older version, which labelled claims alone": {
			own: thisStack, identity: thisCluster,
			cluster: []runtime.Object{newService("mediawiki-srv", "3", ""), newClaim("mediawiki-uploads", "microk8s-hostpath", "")},
		},
		"a namespace that somebody has made for it, with something in it": {
			own: thisStack, identity: thisCluster,
			cluster: []runtime.Object{namespaceOf("mediawiki-test", "3", ""), newService("theirs", "4", "")},
		},
	} {
		t.Run(name, func(t *testing.T) {
			client := clusterWith(append(c.cluster, hostpath())...)
			found, err := preflight.Check(t.Context(), client, "mediawiki", c.own, settings(t, c.values))
			require.NoError(t, err)
			if c.want == "" {
				assert.Empty(t, found.Problems)
				assert.Equal(t, c.identity, found.Identity)
				return
			}
			require.Len(t, found.Problems, 1)
			assert.Contains(t, found.Problems[0].Found+found.Problems[0].Fix, c.want)
		})
	}
}

func TestPasswordsOfADeployedWikiMayChange(t *testing.T) {
	client := clusterWith(hostpath(), newServer("mariadb:11.8.8"), newClaim("mediawiki-db", "microk8s-hostpath", "another"))
	found, err := preflight.Check(t.Context(), client, "mediawiki", deployed(), settings(t, nil))
	require.NoError(t, err)
	assert.Empty(t, found.Problems)
}
