package nodes

import "testing"

// TestNodes is about one wiki on three nodes.
func TestNodes(t *testing.T) {
	w := newWiki(t, "nodes", nil)
	defer w.explain(t)
	t.Run("each node has a web and a cache Pod", func(t *testing.T) {
		w.isSpread(t, webPods)
		w.isSpread(t, cachePods)
	})
	t.Run("a node whose cable is cut fails no request after seconds, and delays no edit", func(t *testing.T) {
		w.nodeIsCutOff(t, w.victim(t), w.databaseNode(t))
	})
	t.Run("a backup is restored and the wiki updated while a node has no power", w.powerIsCut)
	t.Run("a node is drained, and no request fails", w.nodeIsDrained)
	t.Run("web Pods become more with the load and fewer after it, and no request fails", w.webPodsFollowTheLoad)
	t.Run("a node is removed for good, and no request fails", w.nodeIsRemoved)
}
