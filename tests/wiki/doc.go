// Package wiki is about what readers and writers of a wiki may count on, seen through its API, in a browser, and by who operates it.
//
// Its tests need the embedded cluster: make test-wiki starts one, runs them and destroys it. With SOAK=1, which make soak sets, they
// cut the power at more points of a first installation, and kill pulumi up at more.
package wiki
