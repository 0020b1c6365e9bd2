// Command docs writes the generated parts of the documents: the tables of settings (from Pulumi.yaml), profiles and connections (from the
// code), the picture of the resource tree (from a run of the program against mocks), and the schema of the plugin (from the arguments of
// MediaWikiStack and their comments). Its test fails when one of them is stale.
package main

//go:generate go run . ../..
