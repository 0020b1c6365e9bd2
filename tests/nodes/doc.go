// Package nodes tests a wiki on three nodes, of which one is cut off, drained or removed.
//
// The cluster is the embedded one: make test-nodes. Its nodes share a folder for volumes, which looks like a network file system to
// Kubernetes.
package nodes
