package acceptance

import "github.com/containernetworking/plugins/pkg/ns"

// in opens a connection or a listener in a named network namespace. It stays in that namespace until it is closed.
func in[T any](namespace string, open func() (T, error)) (opened T, err error) {
	err = ns.WithNetNSPath("/run/netns/"+namespace, func(ns.NetNS) error {
		opened, err = open()
		return err
	})
	return opened, err
}
