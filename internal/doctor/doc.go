// Package doctor examines a cluster and the wiki on it, and says of each thing how it is, why that matters and what to type. It changes
// nothing. What can be asked of the API server is asked through it, so that a kubeconfig is all that is needed.
package doctor
