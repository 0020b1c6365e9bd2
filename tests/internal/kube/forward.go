package kube

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"
	"k8s.io/client-go/tools/portforward"
	"k8s.io/client-go/transport/spdy"
)

// Dial opens a connection, like net.Dialer.DialContext.
type Dial func(ctx context.Context, network, address string) (net.Conn, error)

// Forward returns a Dial that connects to a port of one Pod, whatever the address is, like `kubectl port-forward`. It works until the test
// ends.
func (n *Namespace) Forward(t *testing.T, pod string, port int) Dial {
	t.Helper()
	transport, upgrader, err := spdy.RoundTripperFor(n.Config)
	require.NoError(t, err)
	address := n.Kube.CoreV1().RESTClient().Post().Resource("pods").Namespace(n.Name).Name(pod).SubResource("portforward").URL()
	dialer := spdy.NewDialer(upgrader, &http.Client{Transport: transport}, http.MethodPost, address)

	stop, ready, ended := make(chan struct{}), make(chan struct{}), make(chan error, 1)
	forwarder, err := portforward.NewOnAddresses(dialer, []string{"127.0.0.1"}, []string{fmt.Sprintf("0:%d", port)}, stop, ready,
		io.Discard, io.Discard)
	require.NoError(t, err)
	go func() { ended <- forwarder.ForwardPorts() }()
	t.Cleanup(func() { close(stop) })
	select {
	case <-ready:
	case err := <-ended:
		require.NoError(t, err, "forwarding to %s", pod)
	}
	ports, err := forwarder.GetPorts()
	require.NoError(t, err)
	local := fmt.Sprintf("127.0.0.1:%d", ports[0].Local)
	return func(ctx context.Context, network, _ string) (net.Conn, error) {
		return new(net.Dialer).DialContext(ctx, network, local)
	}
}
