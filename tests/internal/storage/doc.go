// Package storage runs servers for remote backups, S3 and SFTP, at addresses that Pods can reach. The S3 server is versitygw; its module
// is nested here, to keep its dependencies out of the program's.
package storage
