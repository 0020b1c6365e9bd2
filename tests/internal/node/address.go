package node

import (
	"context"
	"net"
	"os/exec"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// Address returns the source address that a server sees for connections from this machine. The server is HOST:PORT.
func Address(t *testing.T, server string) string {
	t.Helper()
	connection, err := new(net.Dialer).DialContext(t.Context(), "udp", server) // sends no packet
	require.NoError(t, err)
	defer connection.Close() //nolint:errcheck // no packet was sent
	return connection.LocalAddr().(*net.UDPAddr).IP.String()
}

// SecondAddress gives this machine another address in the network in which it reaches a server of the embedded cluster, until the test
// ends, and returns both. The server is HOST:PORT.
func SecondAddress(t *testing.T, server string) (own, second string) {
	t.Helper()
	own = Address(t, server)
	second = own[:strings.LastIndex(own, ".")+1] + "253"
	links, err := net.Interfaces()
	require.NoError(t, err)
	for _, link := range links {
		addresses, err := link.Addrs()
		require.NoError(t, err)
		for _, address := range addresses {
			if strings.HasPrefix(address.String(), own+"/") {
				change(t, "add", second, link.Name)
				t.Cleanup(func() { change(t, "delete", second, link.Name) })
				return own, second
			}
		}
	}
	require.Fail(t, "no link has the address "+own)
	return "", ""
}

// change adds an address to a link of this machine, or deletes it.
func change(t *testing.T, what, address, link string) {
	t.Helper()
	out, err := exec.CommandContext(context.WithoutCancel(t.Context()), "ip", "address", what, address+"/32", "dev", link).CombinedOutput()
	require.NoError(t, err, "%s", out)
}
