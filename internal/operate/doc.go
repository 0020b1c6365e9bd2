// Package operate does to a running wiki what is done by hand from time to time: take a backup, bring one back.
package operate
