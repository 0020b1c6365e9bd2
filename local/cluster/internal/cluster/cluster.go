// Package cluster starts, mends and stops a cluster as a whole.
package cluster

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"time"

	"golang.org/x/sys/unix"

	"github.com/mediawiki-stack/mediawiki-stack/local/cluster/internal/control"
	"github.com/mediawiki-stack/mediawiki-stack/local/cluster/internal/node"
	"github.com/mediawiki-stack/mediawiki-stack/local/cluster/internal/paths"
	"github.com/mediawiki-stack/mediawiki-stack/local/cluster/internal/preflight"
	"github.com/mediawiki-stack/mediawiki-stack/local/cluster/internal/process"
)

// Cluster is one embedded cluster.
type Cluster struct {
	*paths.Cluster
	Nodes int
	self  string // path of this binary
	out   io.Writer
	start time.Time
}

// record is what a cluster remembers of itself.
type record struct {
	Index int `json:"index"`
	Nodes int `json:"nodes"`
}

// Open finds the cluster of that name. It has no nodes if it was never started.
func Open(name string, out io.Writer) (*Cluster, error) {
	if err := preflight.Root(); err != nil {
		return nil, err
	}
	p, err := paths.New(name)
	if err != nil {
		return nil, err
	}
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	c := &Cluster{Cluster: p, self: self, out: out, start: time.Now()}
	return c, c.load()
}

// load reads what the cluster remembers of itself.
func (c *Cluster) load() error {
	text, err := os.ReadFile(c.File("cluster.json"))
	if errors.Is(err, os.ErrNotExist) {
		c.Nodes = 0
		return nil
	}
	if err != nil {
		return err
	}
	var r record
	if err := json.Unmarshal(text, &r); err != nil {
		return fmt.Errorf("reading %s: %w", c.File("cluster.json"), err)
	}
	c.Index, c.Nodes = r.Index, r.Nodes
	return nil
}

// Exists says whether the cluster was ever started and not destroyed.
func (c *Cluster) Exists() bool { return c.Nodes > 0 }

// save writes the record whole or not at all.
func (c *Cluster) save() error {
	text, err := json.Marshal(record{c.Index, c.Nodes})
	if err != nil {
		return err
	}
	path := c.File("cluster.json")
	if err := os.WriteFile(path+".new", append(text, '\n'), 0o600); err != nil {
		return err
	}
	return os.Rename(path+".new", path)
}

// locked changes the cluster while no other command does: it holds its folder, until the program ends at the latest.
func (c *Cluster) locked(change func() error) error {
	for {
		if err := os.MkdirAll(c.Data, 0o711); err != nil {
			return err
		}
		dir, err := c.hold(c.Data)
		if err != nil {
			return err
		}
		held, heldErr := dir.Stat()
		if now, err := os.Stat(c.Data); heldErr == nil && err == nil && os.SameFile(held, now) {
			defer dir.Close()
			if err := c.load(); err != nil {
				return err
			}
			return change()
		}
		// The command that was waited for has destroyed the cluster.
		if err := dir.Close(); err != nil {
			return err
		}
	}
}

// hold opens a folder and waits until no other command holds it.
func (c *Cluster) hold(path string) (*os.File, error) {
	dir, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	err = unix.Flock(int(dir.Fd()), unix.LOCK_EX|unix.LOCK_NB)
	if errors.Is(err, unix.EWOULDBLOCK) {
		c.say("another command is at work on %s, waiting for it", path)
		err = unix.Flock(int(dir.Fd()), unix.LOCK_EX)
	}
	if err != nil {
		return nil, errors.Join(fmt.Errorf("locking %s: %w", path, err), dir.Close())
	}
	return dir, nil
}

// say prints a line of progress with the seconds since the command began.
func (c *Cluster) say(format string, args ...any) {
	fmt.Fprintf(c.out, "%5.1fs  %s\n", time.Since(c.start).Seconds(), fmt.Sprintf(format, args...))
}

// daemons are all programs of the cluster in the order of starting.
func (c *Cluster) daemons() []*process.Daemon {
	var list []*process.Daemon
	for number := 1; number <= c.Nodes; number++ {
		list = append(list, c.daemonsOf(number)...)
	}
	return list
}

// daemonsOf are the programs of one node; the first has the control plane.
func (c *Cluster) daemonsOf(number int) []*process.Daemon {
	programs := node.Daemons(c.Node(number), c.self)
	if number == 1 {
		return append(control.Daemons(c.Cluster, c.self), programs...)
	}
	return programs
}
