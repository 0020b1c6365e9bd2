// Package doctor checks a cluster and the wiki on it. For each problem it says why it matters and how to fix it. It changes nothing. It
// uses only the API server, so that a kubeconfig is all it needs.
package doctor
