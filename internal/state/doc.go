// Package state reads from the stack's state, before the program registers anything, which cluster and namespace its wiki is in and which
// objects belong to it. Names are not enough, because contexts, stacks and projects can be renamed.
package state
