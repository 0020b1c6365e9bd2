// Command docs writes those parts of the documents that are drawn from the code: the table of settings in docs/settings.md, from Pulumi.yaml,
// and the picture of the resource tree, from a run of the program's parts against mocks. Its test fails when one of them is stale.
package main

//go:generate go run . ../..
