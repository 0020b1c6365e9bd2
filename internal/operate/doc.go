// Package operate operates a running wiki. It makes, tests and restores backups, and imports a wiki that ran elsewhere; each of these runs
// as a Job in the cluster. It also promotes the second database, does what users do, and shows logs and the state of the wiki.
package operate
