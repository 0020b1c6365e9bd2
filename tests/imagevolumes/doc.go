// Package imagevolumes runs a wiki with an extension that is in an OCI image, on a node that mounts images. It needs a cluster of its own
// with containerd 2: make test-image-volumes.
package imagevolumes
