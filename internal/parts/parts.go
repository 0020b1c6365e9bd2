// Package parts lists the parts of a wiki, the names of their objects, and which part may connect to which. Everything that has to know
// of all parts iterates over [All] or [Connections], so that a part is added in one place.
package parts

import (
	"cmp"
	"strings"
)

// Part is a part of a wiki. Its value is its name in the tree that `pulumi preview` draws, and in the documents.
type Part string

// The parts of a wiki.
const (
	Database    Part = "Database"
	Database2   Part = "Database2"
	ObjectCache Part = "ObjectCache"
	Settings    Part = "Settings"
	Migration   Part = "Migration"
	Web         Part = "Web"
	Cache       Part = "Cache"
	Jobs        Part = "Jobs"
	Backups     Part = "Backups"
	Ingress     Part = "Ingress"
	Monitoring  Part = "Monitoring"
)

// All are the parts, in the order in which `pulumi up` creates them.
var All = []Part{Database, Database2, ObjectCache, Settings, Migration, Web, Cache, Jobs, Backups, Ingress, Monitoring}

// MediaWiki are the parts whose Pods run MediaWiki.
var MediaWiki = []Part{Web, Jobs, Migration, Backups}

// suffixes are the ends of the names of the parts' objects. They must not change: objects of existing wikis have these names.
var suffixes = map[Part]string{
	Database:    "-db",
	Database2:   "-db2",
	ObjectCache: "-objectcache",
	Settings:    "-settings",
	Migration:   "-migration",
	Web:         "-app",
	Cache:       "-cache",
	Jobs:        "-jobs",
	Backups:     "-backup",
	Ingress:     "-ingress",
	Monitoring:  "-monitoring",
}

// programs are the values of the label "app.kubernetes.io/name" on Pods that do not run MediaWiki.
var programs = map[Part]string{Database: "mariadb", Database2: "mariadb", ObjectCache: "memcached", Cache: "varnish"}

// Of returns the name that a part's objects have in a wiki, which is also the label "app" of its Pods.
func (p Part) Of(wiki string) string { return wiki + suffixes[p] }

// Token returns the type of the part's component in a stack's state.
func (p Part) Token() string { return "mediawiki:index:" + string(p) }

// Program returns the name of the program that the part's Pods run.
func (p Part) Program() string { return cmp.Or(programs[p], "mediawiki") }

// Component returns the part's name as the label "app.kubernetes.io/component" has it.
func (p Part) Component() string { return strings.ToLower(string(p)) }

// StackToken is the type of the component that all parts of a wiki belong to.
const StackToken = "mediawiki:index:MediaWikiStack" //nolint:gosec // a type

// Service returns the name of the Service that readers reach a wiki at.
func Service(wiki string) string { return wiki + "-srv" }

// Drill returns the name of the CronJob that restores a wiki's newest backup into a database of its own.
func Drill(wiki string) string { return wiki + "-drill" }

// RemoteSecret returns the beginning of the name of the Secret with the keys to a wiki's remote backups.
func RemoteSecret(wiki string) string { return wiki + "-remote" }

// Replica returns the name of the Service of the database that only answers reads, if a wiki has two.
func Replica(wiki string) string { return wiki + "-db-replica" }

// Roles returns the name of the ConfigMap that says which of two databases is the primary.
func Roles(wiki string) string { return wiki + "-db-roles" }

// PrimaryKey is the key of the primary's number in the ConfigMap that [Roles] names. `wiki promote` sets it, and Pulumi does not manage it,
// so that no update undoes a promotion. Without it, the first database is the primary.
const PrimaryKey = "primary"

// Values of [PrimaryKey]: the numbers of Database and Database2.
const (
	FirstMember  = "1"
	SecondMember = "2"
)

// UploadsClaim returns the name of the claim for a wiki's uploads.
func UploadsClaim(wiki string) string { return wiki + "-uploads" }

// BackupsClaim returns the name of the claim for a wiki's backups.
func BackupsClaim(wiki string) string { return wiki + "-backups" }

// PackagesClaim returns the name of the claim for extensions and skins that are not in the image.
func PackagesClaim(wiki string) string { return wiki + "-packages" }

// TLSSecret returns the name of the Secret that cert-manager stores a wiki's certificate in.
func TLSSecret(wiki string) string { return wiki + "-tls" }

// ACMEAccount returns the name of the Secret that cert-manager stores the key of a wiki's account at a certificate authority in.
func ACMEAccount(wiki string) string { return wiki + "-acme-account" }
