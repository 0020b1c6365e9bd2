// Package wiki is about what readers and writers of a wiki may count on, seen through its API, in a browser, and by who operates it.
//
// Its tests need the embedded cluster: `make test-wiki` starts one, runs them and destroys it. With -short, which `make test` sets, they try a
// case of each kind of fault; without it, as in `make test-all`, every case; and with SOAK=1, which `make soak` sets, more points in time at
// which the power is cut and `pulumi up` is killed.
package wiki
