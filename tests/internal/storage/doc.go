// Package storage has servers as other people run them, to which the wiki copies its backups: S3 and SFTP, at an address that Pods reach.
package storage
