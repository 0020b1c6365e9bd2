// Package test tests what the images of the local stack promise. Each test runs the image itself.
//
// The tests build the images (or find them built), unpack them and run them with runc, without a cluster and without a network: every
// container has a namespace of its own with only a loopback. They need root and runc.
package test
