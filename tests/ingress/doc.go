// Package ingress tests the way from a reader to a wiki through an ingress controller: certificates of an ACME server, the reader's
// address, long uploads, and restarts of the controller. It needs a cluster with an ingress controller on three nodes: make test-ingress.
package ingress
