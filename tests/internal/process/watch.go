package process

import (
	"strings"
	"time"
)

// Watch lists all containers' processes at a short interval, so that it sees most short-lived ones too.
type Watch struct {
	stop  chan struct{}
	ended chan struct{}
	seen  map[string]bool
}

// interval is the time between two listings.
const interval = 100 * time.Millisecond

// NewWatch starts a watch.
func NewWatch() *Watch {
	w := &Watch{stop: make(chan struct{}), ended: make(chan struct{}), seen: map[string]bool{}}
	go func() {
		defer close(w.ended)
		again := time.NewTicker(interval)
		defer again.Stop()
		for {
			for _, p := range OfContainers() {
				w.seen[p.Line] = true
				w.seen[p.Env] = true
			}
			select {
			case <-w.stop:
				return
			case <-again.C:
			}
		}
	}()
	return w
}

// Stop ends the watch and returns every command line and environment that it saw.
func (w *Watch) Stop() string {
	close(w.stop)
	<-w.ended
	var all strings.Builder
	for text := range w.seen {
		all.WriteString(text + "\n")
	}
	return all.String()
}
