package parts

import "slices"

// Ports that the parts' Pods listen on.
const (
	WikiPort         = 8080 // Apache and Varnish, for readers
	HealthPort       = 8081 // Apache, for the kubelet and Prometheus
	PurgePort        = 8082 // Varnish, for purge requests
	FilesPort        = 8083 // Apache without PHP
	CacheMetricsPort = 8084 // Varnish's counters, for Prometheus
	DatabasePort     = 3306
	MemcachedPort    = 11211
)

// APIServerPorts are the ports that API servers listen on: those of a Service, kubeadm and microk8s.
var APIServerPorts = []int{443, 6443, 16443}

// Peer is one end of a connection: a Part, or one of the constants below.
type Peer string

// Peers that are not parts of the wiki.
const (
	Readers      Peer = "readers" // everyone; with an Ingress, only its controller
	Front        Peer = "front"   // Cache; Web if there is no cache
	Prometheus   Peer = "Prometheus"
	APIServer    Peer = "API server"
	DNS          Peer = "DNS"
	MailServer   Peer = "mail server"
	Destinations Peer = "egress"
	RemoteBackup Peer = "backups.remote"
	// PackageServers have the archives of packages.
	PackageServers Peer = "packages"
)

// Connection allows some peers to connect to another one on some TCP ports. Connections to [DNS] use UDP as well. Peers outside of the
// wiki have no ports here: settings say which they are.
type Connection struct {
	From  []Peer
	To    Peer
	Ports []int
}

// Connections are all connections that a wiki allows. Both sides of every NetworkPolicy are made from them, and so is the table in
// docs/security.md. All other connections are denied.
var Connections = []Connection{
	{From: []Peer{Readers}, To: Front, Ports: []int{WikiPort}},
	{From: append(peers(MediaWiki), Peer(Cache)), To: DNS},
	{From: []Peer{Peer(Cache)}, To: Peer(Web), Ports: []int{WikiPort, FilesPort}},
	{From: append(peers(MediaWiki), Peer(Database2)), To: Peer(Database), Ports: []int{DatabasePort}},
	{From: append(peers(MediaWiki), Peer(Database)), To: Peer(Database2), Ports: []int{DatabasePort}},
	{From: peers([]Part{Database, Database2}), To: APIServer},
	{From: peers(MediaWiki), To: Peer(ObjectCache), Ports: []int{MemcachedPort}},
	{From: peers(MediaWiki), To: Peer(Cache), Ports: []int{PurgePort}},
	{From: peers(MediaWiki), To: MailServer},
	{From: peers([]Part{Web, Jobs, Migration}), To: Destinations},
	{From: peers([]Part{Migration, Backups}), To: RemoteBackup},
	{From: []Peer{Peer(Migration)}, To: PackageServers},
	{From: []Peer{Prometheus}, To: Peer(Web), Ports: []int{HealthPort}},
	{From: []Peer{Prometheus}, To: Peer(Cache), Ports: []int{CacheMetricsPort}},
}

// IsPart reports whether the peer is a part of the wiki.
func (p Peer) IsPart() bool { return slices.Contains(All, Part(p)) }

// Silent returns the parts that have Pods and may connect to nobody.
func Silent() []Part {
	var silent []Part
	for _, part := range All {
		from := slices.ContainsFunc(Connections, func(c Connection) bool { return slices.Contains(c.From, Peer(part)) })
		to := slices.ContainsFunc(Connections, func(c Connection) bool { return c.To == Peer(part) })
		if to && !from {
			silent = append(silent, part)
		}
	}
	return silent
}

func peers(parts []Part) []Peer {
	converted := make([]Peer, len(parts))
	for i, part := range parts {
		converted[i] = Peer(part)
	}
	return converted
}
