package process

import (
	"strings"
	"time"
)

// Watch looks at all containers' processes again and again, so that short-lived ones are seen too.
type Watch struct {
	stop  chan struct{}
	ended chan struct{}
	seen  map[string]bool
}

// interval between two looks.
const interval = 100 * time.Millisecond

// NewWatch begins to look.
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

// Stop ends the watch and returns every command line and every environment that was seen.
func (w *Watch) Stop() string {
	close(w.stop)
	<-w.ended
	var all strings.Builder
	for text := range w.seen {
		all.WriteString(text + "\n")
	}
	return all.String()
}
