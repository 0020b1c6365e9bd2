package node

import (
	"context"
	"net"
	"os"
	"runtime"
	"testing"

	"github.com/stretchr/testify/require"
	"golang.org/x/sys/unix"
	"k8s.io/client-go/rest"
)

// Listen opens a port on the embedded cluster's first node, because Pods cannot reach the machine that the node runs on.
func Listen(t *testing.T, cluster *rest.Config) net.Listener {
	t.Helper()
	server, _, err := rest.DefaultServerUrlFor(cluster)
	require.NoError(t, err)
	var listener net.Listener
	opened := make(chan error)
	go func() {
		runtime.LockOSThread() // never unlocked, so that the thread in the node's namespace ends with this goroutine
		opened <- func() error {
			if err := enter(Network()); err != nil {
				return err
			}
			address := net.JoinHostPort(server.Hostname(), "0")
			listener, err = new(net.ListenConfig).Listen(context.WithoutCancel(t.Context()), "tcp", address)
			return err
		}()
	}()
	require.NoError(t, <-opened)
	return listener
}

// Network returns the path of the network namespace of the cluster's first node.
func Network() string { return "/run/netns/mws-" + os.Getenv("CLUSTER") + "-1" }

// enter moves this thread into a network namespace.
func enter(path string) error {
	namespace, err := os.Open(path)
	if err != nil {
		return err
	}
	defer namespace.Close()
	return unix.Setns(int(namespace.Fd()), unix.CLONE_NEWNET)
}
