package main

import (
	"fmt"
	"strings"

	"github.com/mediawiki-stack/mediawiki-stack/internal/parts"
)

// outside describes peers that are not parts of a wiki, and the ports on which they are reached.
var outside = map[parts.Peer]struct{ name, ports string }{
	parts.Readers:        {name: "everyone; with `ingress.enabled` only Pods in `ingress.namespace`"},
	parts.Front:          {name: "Cache; Web if there is no cache"},
	parts.Prometheus:     {name: "Pods labelled `app.kubernetes.io/name: prometheus`, in any namespace"},
	parts.DNS:            {"any address", "53, TCP and UDP"},
	parts.APIServer:      {"any address", "443, 6443, 16443, if `database.replicas` is 2: only to see whether it answers"},
	parts.MailServer:     {"any address", "`mail.port`, if `mail.host` is set"},
	parts.Destinations:   {"the addresses in `egress`", "the ports in `egress`; none by default"},
	parts.PackageServers: {"any address", "those of the addresses in `packages`, if there are any"},
	parts.RemoteBackup:   {"any address", "that of `backups.remote`, if it is set"},
}

// connectionsTable returns the connections that a wiki's NetworkPolicies allow, as a Markdown table.
func connectionsTable() (string, error) {
	var table strings.Builder
	table.WriteString("| from | to | ports |\n| --- | --- | --- |\n")
	for _, connection := range parts.Connections {
		from := make([]string, len(connection.From))
		var err error
		for i, peer := range connection.From {
			if from[i], err = peerName(peer); err != nil {
				return "", err
			}
		}
		to, err := peerName(connection.To)
		if err != nil {
			return "", err
		}
		ports := outside[connection.To].ports
		if len(connection.Ports) > 0 {
			ports = strings.Trim(strings.ReplaceAll(fmt.Sprint(connection.Ports), " ", ", "), "[]")
		}
		if connection.To == parts.Peer(parts.Database) {
			to, ports = to+"; any address if it is external", ports+"; `database.port` if it is external"
		}
		fmt.Fprintf(&table, "| %s | %s | %s |\n", strings.Join(from, ", "), to, ports)
	}
	for _, part := range parts.Silent() {
		fmt.Fprintf(&table, "| %s | nobody | |\n", part)
	}
	return table.String(), nil
}

func peerName(peer parts.Peer) (string, error) {
	if peer.IsPart() {
		return string(peer), nil
	}
	if name := outside[peer].name; name != "" {
		return name, nil
	}
	return "", fmt.Errorf("internal/docs/connections.go does not describe the peer %q", peer)
}
