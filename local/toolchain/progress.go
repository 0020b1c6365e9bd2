package main

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"sync"
	"time"
)

// How often a running step is shown: every second on a terminal, where the line is overwritten; elsewhere once a minute, which
// tells a build that is slow from one that hangs and keeps logs short.
const (
	terminalInterval = time.Second
	plainInterval    = time.Minute
	// terminalWidth is what a live line is cut to, so that it never wraps.
	terminalWidth = 79
)

// step shows one piece of work while it goes on. What is written to it is the work's own output, of which a terminal shows the last line.
type step struct {
	out      io.Writer
	title    string
	terminal bool
	start    time.Time
	stop     chan struct{}
	stopped  sync.WaitGroup

	mu   sync.Mutex
	last string
}

// startStep announces a step on out and keeps showing it until finish is called.
func startStep(out io.Writer, title string) *step {
	s := &step{out: out, title: title, terminal: isTerminal(out), start: time.Now(), stop: make(chan struct{})}
	interval := plainInterval
	if s.terminal {
		interval = terminalInterval
	}
	s.show("…")
	s.stopped.Go(func() {
		ticker := time.NewTicker(interval)
		defer ticker.Stop()
		for {
			select {
			case <-ticker.C:
				s.show("… " + elapsed(time.Since(s.start)) + s.detail())
			case <-s.stop:
				return
			}
		}
	})
	return s
}

// finish stops showing the step and says how long it took.
func (s *step) finish(err error) {
	close(s.stop)
	s.stopped.Wait()
	end := elapsed(time.Since(s.start))
	if err != nil {
		end = "failed after " + end
	}
	s.show(end)
	if s.terminal {
		fmt.Fprintln(s.out)
	}
}

// Write notes the last line of the work's output.
func (s *step) Write(p []byte) (int, error) {
	lines := bytes.Split(bytes.TrimSpace(p), []byte("\n"))
	s.mu.Lock()
	defer s.mu.Unlock()
	s.last = string(lines[len(lines)-1])
	return len(p), nil
}

func (s *step) detail() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.last == "" {
		return ""
	}
	return "  " + s.last
}

func (s *step) show(state string) {
	line := s.title + " " + state
	if !s.terminal {
		fmt.Fprintln(s.out, line)
		return
	}
	if runes := []rune(line); len(runes) > terminalWidth {
		line = string(runes[:terminalWidth])
	}
	fmt.Fprint(s.out, "\r\x1b[K"+line)
}

// elapsed writes a duration as people say it: 4.2s, 35s, 6m22s.
func elapsed(d time.Duration) string {
	if d < 10*time.Second {
		return fmt.Sprintf("%.1fs", d.Seconds())
	}
	return d.Round(time.Second).String()
}

func isTerminal(out io.Writer) bool {
	f, ok := out.(*os.File)
	if !ok || os.Getenv("TERM") == "dumb" {
		return false
	}
	info, err := f.Stat()
	return err == nil && info.Mode()&os.ModeCharDevice != 0
}
