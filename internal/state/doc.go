// Package state reads what the stack's state says about its wiki, before the program registers anything: which cluster and namespace it is
// in, and which objects belong to it. Names alone do not tell, because contexts, stacks and projects can be renamed.
package state
