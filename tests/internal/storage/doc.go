// Package storage has servers as other people run them, to which the wiki copies its backups: S3 and SFTP, at an address that Pods reach.
// That of S3 is versitygw, whose module is nested here: the program has none of what it needs.
package storage
