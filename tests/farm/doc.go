// Package farm tests the example examples/farm: ten wikis with one MariaDB. It measures what they cost, and what separate wikis cost.
//
// The cluster is the embedded one: make test-farm.
package farm
