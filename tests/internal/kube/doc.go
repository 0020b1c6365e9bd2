// Package kube looks at a cluster through its API server, independently of the engine.
package kube
