// Package lifecycle runs the program with the real engine, the real provider and the real API server. Its stacks are of the recipe's
// kind, with database.mode sidecar; tests/wiki has those that keep what is written.
//
// Its tests need the embedded cluster: make test-lifecycle starts one, runs them and destroys it. To run them again and again on a
// cluster that stays: eval "$(local/env)" && go test -count=1 ./tests/lifecycle/...
package lifecycle
