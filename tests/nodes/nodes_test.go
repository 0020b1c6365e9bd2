package nodes

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/mediawiki-stack/mediawiki-stack/internal/doctor"
	"github.com/mediawiki-stack/mediawiki-stack/internal/operate"
	"github.com/mediawiki-stack/mediawiki-stack/internal/parts"
	"github.com/mediawiki-stack/mediawiki-stack/tests/internal/kube"
)

// TestNodes is about one wiki on three nodes.
func TestNodes(t *testing.T) {
	w := newWiki(t, "nodes", nil)
	defer w.explain(t)
	t.Run("each node has a web and a cache Pod", func(t *testing.T) {
		w.isSpread(t, webPods)
		w.isSpread(t, cachePods)
	})
	t.Run("the doctor and wiki status read the metrics of Pods on every node", w.podsAreReached)
	t.Run("a node whose cable is cut fails no request after seconds, and delays no edit", func(t *testing.T) {
		w.nodeIsCutOff(t, w.victim(t), w.databaseNode(t))
	})
	t.Run("a backup is restored and the wiki updated while a node has no power", w.powerIsCut)
	t.Run("a node is drained, and no request fails", w.nodeIsDrained)
	t.Run("web Pods become more with the load and fewer after it, and no request fails", w.webPodsFollowTheLoad)
	t.Run("a node is removed for good, and no request fails", w.nodeIsRemoved)
}

// podsAreReached reads metrics of Pods on every node. The API server's own proxy reaches a Pod with NetworkPolicies only on its own node.
func (w *wiki) podsAreReached(t *testing.T) {
	for _, name := range kube.Names(w.AwaitReady(t, webPods, nodes)) {
		metrics, err := operate.FetchWith(w.Config)(t.Context(), w.Name, name, parts.HealthPort, "/metrics")
		require.NoError(t, err)
		assert.Contains(t, string(metrics), "mediawiki_info", name)
	}
	environment, err := doctor.NewEnvironment(w.Config)
	require.NoError(t, err)
	environment.Namespace, environment.Name = w.Name, "mediawiki"
	for _, finding := range environment.Examine(t.Context()) {
		assert.NotContains(t, finding.What, "cannot be checked", finding.About)
	}
}
