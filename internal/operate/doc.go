// Package operate makes and restores backups of a running wiki, tests them, and imports a wiki that ran elsewhere. Each operation runs as
// a Job in the cluster.
package operate
