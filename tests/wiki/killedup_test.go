package wiki

import (
	"encoding/json"
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/mediawiki-stack/mediawiki-stack/tests/internal/engine"
)

// TestKilledUpRecovers kills `pulumi up` at points spread over the making of a wiki, does what pulumi says then, and runs it again.
// The first point is the worst: the Deployment is there, and the state does not know of it yet.
func TestKilledUpRecovers(t *testing.T) {
	w := newWiki(t, "killed", engine.Options{Settings: map[string]any{"keepData": false}})
	defer w.explain(t)
	kills := points(1, 1, 20)
	var until time.Duration // from the beginning until the first point
	for i := range kills {
		chapter(t, t.Run(fmt.Sprintf("point %d of %d", i+1, kills), func(t *testing.T) {
			began := time.Now()
			up := w.Start("up", "--skip-preview") // which has nothing to lose: the points are of the update
			if i == 0 {
				w.awaitPods(t, up)
				until = time.Since(began)
			} else {
				<-time.After(time.Duration(i) * until / time.Duration(kills)) // the point in time is what is tested
			}
			killed := up.Kill(t)
			t.Logf("killed after %s: %v", time.Since(began).Round(time.Millisecond), killed)
			w.recoversByUp(t)
			w.leavesNothing(t)
		}))
	}
}

// awaitPods waits until the first web Pod is made, for as long as up is at work.
func (w *wiki) awaitPods(t *testing.T, up *engine.Running) {
	t.Helper()
	again := time.NewTicker(200 * time.Millisecond)
	defer again.Stop()
	for len(w.Pods(t, webPods)) == 0 {
		select {
		case <-up.Done:
			p, err := up.Wait(t)
			require.Fail(t, "up has ended without a Pod", "%v %s", err, p.Printed)
		case <-again.C:
		}
	}
}

// recoversByUp types what a user types after an up that was killed: see docs/operating.md.
func (w *wiki) recoversByUp(t *testing.T) {
	t.Helper()
	if w.Locked(t) {
		p, err := w.Operate(t, "up")
		require.Error(t, err, "an up of a stack that is locked")
		require.Contains(t, p.Printed, "pulumi cancel", "what to type")
		w.Pulumi(t, "cancel", "--yes")
	}
	t.Logf("pending: %v", w.state(t).Deployment.Pending)
	w.Refresh(t, "--clear-pending-creates")
	again := time.Now()
	w.Up(t)
	t.Logf("up took %s", time.Since(again).Round(time.Second))
	w.signIn(t)
	w.isConsistent(t)
}

// state is what the engine knows of the stack.
type state struct {
	Deployment struct {
		Resources []struct {
			Outputs struct {
				Kind     string                `json:"kind"`
				Metadata struct{ Name string } `json:"metadata"`
			} `json:"outputs"`
		} `json:"resources"`
		Pending []struct {
			Type     string               `json:"type"`
			Resource struct{ URN string } `json:"resource"`
		} `json:"pending_operations"`
	} `json:"deployment"`
}

func (w *wiki) state(t *testing.T) state {
	t.Helper()
	var s state
	require.NoError(t, json.Unmarshal([]byte(w.Pulumi(t, "stack", "export")), &s))
	return s
}

// orphans are objects of the stack's kinds which belong neither to the stack nor to another object. ConfigMaps and Secrets, whose names
// cannot be found again, are left out: what no Pod names does nothing.
func (w *wiki) orphans(t *testing.T) []string {
	t.Helper()
	kinds, known := map[string]bool{}, map[string]bool{}
	for _, r := range w.state(t).Deployment.Resources {
		kinds[r.Outputs.Kind] = true
		known[r.Outputs.Kind+" "+r.Outputs.Metadata.Name] = true
	}
	require.True(t, kinds["Deployment"], "kinds in the state")
	kinds["ConfigMap"], kinds["Secret"] = false, false
	var found []string
	w.Everything(t, func(kind string, object map[string]any) {
		metadata := object["metadata"].(map[string]any)
		name := kind + " " + metadata["name"].(string)
		if kinds[kind] && metadata["ownerReferences"] == nil && !known[name] {
			found = append(found, name)
		}
	})
	return found
}
