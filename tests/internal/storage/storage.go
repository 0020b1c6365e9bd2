package storage

import (
	"net"
	"testing"

	"github.com/stretchr/testify/require"
	"k8s.io/client-go/rest"
)

// listen opens a port at the address of this host that the cluster's nodes see.
func listen(t *testing.T, cluster *rest.Config) net.Listener {
	t.Helper()
	server, _, err := rest.DefaultServerUrlFor(cluster)
	require.NoError(t, err)
	// Nothing is sent: this only finds out which address would be the sender's.
	way, err := new(net.Dialer).DialContext(t.Context(), "udp", server.Host)
	require.NoError(t, err)
	defer way.Close()
	host, _, err := net.SplitHostPort(way.LocalAddr().String())
	require.NoError(t, err)
	listener, err := new(net.ListenConfig).Listen(t.Context(), "tcp", net.JoinHostPort(host, "0"))
	require.NoError(t, err)
	return listener
}
