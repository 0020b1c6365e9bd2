// Package lifecycle runs the program with the real engine, provider and API server. Its stacks are like the recipe's, with database.mode
// sidecar; tests/wiki tests stacks that keep their data.
//
// The tests need the embedded cluster: `make test-lifecycle` starts one, runs the tests and destroys it. To run them repeatedly on a
// cluster that is kept: eval "$(local/env)" && go test -count=1 ./tests/lifecycle/...
package lifecycle
