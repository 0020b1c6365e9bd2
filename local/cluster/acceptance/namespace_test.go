package acceptance

import (
	"errors"
	"runtime"

	"github.com/vishvananda/netns"
)

// The main thread, whose namespace is the process's, is not given to in.
func init() { runtime.LockOSThread() }

// in opens a connection or a listener in a named network namespace; it stays there.
func in[T any](namespace string, open func() (T, error)) (opened T, err error) {
	done := make(chan struct{})
	go func() {
		defer close(done)
		runtime.LockOSThread() // and never unlocked: the thread ends with this goroutine
		var handle netns.NsHandle
		if handle, err = netns.GetFromName(namespace); err != nil {
			return
		}
		defer func() { err = errors.Join(err, handle.Close()) }()
		if err = netns.Set(handle); err != nil {
			return
		}
		opened, err = open()
	}()
	<-done
	return opened, err
}
