// Package engine runs the program as its users do, with the real engine, the real provider and the real API server.
//
// A test package calls [Main] from its TestMain, so that the program is compiled once, and makes stacks with [NewStack].
package engine
