// Package kube looks at a cluster as its API server has it, whatever the engine says.
package kube
