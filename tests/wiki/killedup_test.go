package wiki

import (
	"encoding/json"
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/mediawiki-stack/mediawiki-stack/tests/internal/engine"
)

// TestKilledUpRecovers kills `pulumi up` at points spread over a first deployment, follows pulumi's advice, and runs it again. The first
// point is the worst: the Deployment exists and the state does not know it yet.
func TestKilledUpRecovers(t *testing.T) {
	besideOthers(t, 2)
	w := newWiki(t, "killed", engine.Options{Settings: map[string]any{"keepData": false}})
	defer w.Explain(t)
	kills := points(1, 1, 20)
	var first time.Duration // time from the start of up to the first point
	for i := range kills {
		chapter(t, t.Run(fmt.Sprintf("point %d of %d", i+1, kills), func(t *testing.T) {
			began := time.Now()
			up := w.Start("up", "--skip-preview") // the points are spread over the update
			if i == 0 {
				w.awaitPods(t, up)
				first = time.Since(began)
			} else {
				<-time.After(time.Duration(i) * first / time.Duration(kills)) // the test is about this point in time
			}
			programs := up.Kill(t)
			t.Logf("killed after %s: %v", time.Since(began).Round(time.Millisecond), programs)
			w.recoversByUp(t)
			w.leavesNothing(t)
		}))
	}
}

// awaitPods waits until the first web Pod exists. It fails if up ends first.
func (w *wiki) awaitPods(t *testing.T, up *engine.Running) {
	t.Helper()
	again := time.NewTicker(200 * time.Millisecond)
	defer again.Stop()
	for len(w.Pods(t, webPods)) == 0 {
		select {
		case <-up.Done:
			p, err := up.Wait(t)
			require.Fail(t, "up ended before there was a web Pod", "%v %s", err, p.Printed)
		case <-again.C:
		}
	}
}

// recoversByUp does what docs/operating.md advises after an up was killed.
func (w *wiki) recoversByUp(t *testing.T) {
	t.Helper()
	if w.Locked(t) {
		p, err := w.Operate(t, "up")
		require.Error(t, err, "up of a locked stack")
		require.Contains(t, p.Printed, "pulumi cancel", "the command that fixes it")
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

// state is the stack's exported state.
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

// orphans returns objects of the stack's kinds that belong neither to the stack nor to another object. It ignores ConfigMaps and Secrets,
// because their names are random and an unused one does no harm.
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
