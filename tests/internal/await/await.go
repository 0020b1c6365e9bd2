// Package await waits for conditions in a cluster.
package await

import (
	"testing"
	"time"
)

// Patience is how long one step may take on a slow and busy machine.
const Patience = 2 * time.Minute

// Success calls check until it returns nil. After Patience it fails the test with the last error.
func Success(t *testing.T, what string, check func() error) {
	t.Helper()
	Within(t, Patience, what, check)
}

// Within is like Success, with another patience.
func Within(t *testing.T, patience time.Duration, what string, check func() error) {
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
