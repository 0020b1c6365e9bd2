// Package engine runs the program with the real Pulumi engine, provider and API server, as users do.
//
// A test package calls [Main] from its TestMain, so that the program is compiled once, and creates stacks with [NewStack].
package engine
