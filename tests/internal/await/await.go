// Package await waits for what a cluster does in its own time.
package await

import (
	"testing"
	"time"
)

// Patience is how long the cluster may take for one step, on a slow and busy machine.
const Patience = 2 * time.Minute

// Success waits until check finds nothing to complain of, and fails with its last complaint if it never does.
func Success(t *testing.T, what string, check func() error) {
	t.Helper()
	deadline := time.After(Patience)
	again := time.NewTicker(200 * time.Millisecond)
	defer again.Stop()
	for {
		err := check()
		if err == nil {
			return
		}
		select {
		case <-deadline:
			t.Fatalf("%s: not after %s: %v", what, Patience, err)
		case <-t.Context().Done():
			t.Fatalf("%s: %v", what, t.Context().Err())
		case <-again.C:
		}
	}
}
