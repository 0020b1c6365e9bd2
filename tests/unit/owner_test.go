package unit

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/mediawiki-stack/mediawiki-stack/components"
	"github.com/mediawiki-stack/mediawiki-stack/internal/preflight"
	"github.com/mediawiki-stack/mediawiki-stack/internal/state"
)

// thisCluster is the identity of the cluster that is looked at.
const thisCluster = "c0ffee00-0000-4000-8000-000000000001"

func namespaceOf(name, uid, label string) object {
	metadata := object{"name": name, "uid": uid}
	if label != "" {
		metadata["labels"] = object{components.StackLabel: label}
	}
	return object{"apiVersion": "v1", "kind": "Namespace", "metadata": metadata}
}

// aService is one of the fixed name in the wiki's namespace.
func aService(name, uid, label string) object {
	service := namespaceOf(name, uid, label)
	service["kind"] = "Service"
	service["metadata"].(object)["namespace"] = "mediawiki-test"
	return service
}

// deployed is the stack with a wiki that consists of one object.
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
	hostpath := aClass("microk8s-hostpath", false, true)
	for name, c := range map[string]struct {
		own      *state.Stack
		cluster  []object
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
			own: deployed(older), cluster: []object{aService("mediawiki-srv", "1", "")}, identity: "microk8s",
		},
		"another cluster than that of an older version": {
			own: deployed(older), cluster: []object{aService("mediawiki-srv", "2", "")},
			want: "not the cluster that this stack's wiki is in",
		},
		"a stack or project that was renamed": {
			own: deployed(func(s *state.Stack) { s.Namespace = "mediawiki-home" }), want: "pulumi config set namespace mediawiki-home",
		},
		"a renamed stack in the namespace that it has": {
			own:      deployed(func(s *state.Stack) { s.Label = "stack-renamed" }),
			cluster:  []object{aService("mediawiki-srv", "1", thisStack.Label)},
			identity: thisCluster,
		},
		"the namespace of another stack": {
			own: thisStack, cluster: []object{namespaceOf("mediawiki-test", "3", "stack-another")},
			want: "namespaces/mediawiki-test belong to another stack",
		},
		"objects of another stack": {
			own: thisStack, cluster: []object{aService("mediawiki-srv", "3", "stack-another")},
			want: "services/mediawiki-srv belong to another stack",
		},
		"objects of the wiki's names that belong to nobody": {
			own: thisStack, cluster: []object{aService("mediawiki-srv", "3", "")}, want: "services/mediawiki-srv",
		},
		"objects of an older version, which labelled claims alone": {
			own: thisStack, identity: thisCluster,
			cluster: []object{aService("mediawiki-srv", "3", ""), aClaim("mediawiki-uploads", "microk8s-hostpath", "")},
		},
		"a namespace that somebody has made for it, with something in it": {
			own: thisStack, identity: thisCluster,
			cluster: []object{namespaceOf("mediawiki-test", "3", ""), aService("theirs", "4", "")},
		},
	} {
		t.Run(name, func(t *testing.T) {
			client := clusterWith(append(c.cluster, hostpath)...)
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
	client := clusterWith(aClass("microk8s-hostpath", false, true), aServer(), aClaim("mediawiki-db", "microk8s-hostpath", "another"))
	found, err := preflight.Check(t.Context(), client, "mediawiki", deployed(), settings(t, nil))
	require.NoError(t, err)
	assert.Empty(t, found.Problems)
}
