// Package wiki tests a deployed wiki from outside: through its API, in a browser, and as its operator.
//
// The tests need the embedded cluster: `make test-wiki` starts one, runs the tests and destroys it. With -short, which `make test` sets,
// they try one case of each kind of fault; without it, as in `make test-all`, every case. With SOAK=1, which `make soak` sets, they also
// cut the power and kill `pulumi up` at more points in time.
package wiki
