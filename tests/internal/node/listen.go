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

// Listen opens a port of the embedded cluster's first node: Pods know no way to the machine that the node is on.
func Listen(t *testing.T, cluster *rest.Config) net.Listener {
	t.Helper()
	server, _, err := rest.DefaultServerUrlFor(cluster)
	require.NoError(t, err)
	var listener net.Listener
	opened := make(chan error)
	go func() {
		runtime.LockOSThread() // for good: the thread that has gone to the node ends with this goroutine
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

// Network is the network namespace of the embedded cluster's first node.
func Network() string { return "/run/netns/mws-" + os.Getenv("CLUSTER") + "-1" }

// enter takes this thread into a network namespace.
func enter(path string) error {
	namespace, err := os.Open(path)
	if err != nil {
		return err
	}
	defer namespace.Close()
	return unix.Setns(int(namespace.Fd()), unix.CLONE_NEWNET)
}
