package node

import (
	"context"
	"net"
	"os"
	"runtime"
	"strings"
)

// Dialer returns a function that connects from a node of the embedded cluster, as a reader in its part of the network does.
func Dialer(name string) func(ctx context.Context, network, address string) (net.Conn, error) {
	namespace := "/run/netns/mws-" + os.Getenv("CLUSTER") + name[strings.LastIndex(name, "-"):]
	return func(ctx context.Context, network, address string) (net.Conn, error) {
		var connection net.Conn
		ended := make(chan error)
		go func() {
			runtime.LockOSThread() // never unlocked, so that the thread in the node's namespace ends with this goroutine
			ended <- func() (err error) {
				if err := enter(namespace); err != nil {
					return err
				}
				connection, err = new(net.Dialer).DialContext(ctx, network, address)
				return err
			}()
		}()
		err := <-ended
		return connection, err
	}
}
