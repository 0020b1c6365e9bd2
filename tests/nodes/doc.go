// Package nodes tests a wiki on three nodes, of which one is cut off, drained or removed.
//
// The cluster is the embedded one: make test-nodes. Its nodes share a folder for volumes, which stands in for a network file system in what
// Kubernetes sees.
package nodes
