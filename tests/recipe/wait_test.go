package recipe

import (
	"testing"
	"time"
)

// patience is how long a step that involves the cluster may take on a slow and busy machine.
const patience = 2 * time.Minute

// eventually waits until check finds nothing to complain of, and fails with its last complaint if it never does.
func eventually(t *testing.T, what string, check func() error) {
	t.Helper()
	deadline := time.After(patience)
	again := time.NewTicker(200 * time.Millisecond)
	defer again.Stop()
	for {
		err := check()
		if err == nil {
			return
		}
		select {
		case <-deadline:
			t.Fatalf("%s: not after %s: %v", what, patience, err)
		case <-t.Context().Done():
			t.Fatalf("%s: %v", what, t.Context().Err())
		case <-again.C:
		}
	}
}
