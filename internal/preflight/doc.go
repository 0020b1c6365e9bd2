// Package preflight looks at the cluster before anything is registered. It refuses what would end in a broken wiki or wait in vain:
// a volume that was written with other passwords, a size that its storage class cannot give, a class that is not there.
package preflight
