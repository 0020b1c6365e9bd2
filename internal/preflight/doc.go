// Package preflight checks a stack's configuration against the cluster before anything is registered. It refuses what would break the wiki
// or what `pulumi up` would wait for in vain: a volume that was written with other passwords, a size that its storage class cannot
// provide, a storage class that does not exist.
package preflight
