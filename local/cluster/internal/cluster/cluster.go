// Package cluster starts, repairs and stops a cluster as a whole.
package cluster

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"time"

	"github.com/gofrs/flock"
	"golang.org/x/term"

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
	// Ingress reports whether the cluster has an ingress controller and cert-manager.
	Ingress bool
	// MetricsServer reports whether the cluster has metrics-server.
	MetricsServer bool
	self          string // path of this binary
	out           io.Writer
	start         time.Time
}

// recordName is the file that says that a cluster exists.
const recordName = "cluster.json"

// record is the content of that file.
type record struct {
	Index         int  `json:"index"`
	Nodes         int  `json:"nodes"`
	Ingress       bool `json:"ingress,omitempty"`
	MetricsServer bool `json:"metricsServer,omitempty"`
}

// Open returns the cluster of that name. It has no nodes if it was never started.
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

// load reads the cluster's record.
func (c *Cluster) load() error {
	text, err := os.ReadFile(c.File(recordName))
	if errors.Is(err, os.ErrNotExist) {
		c.Nodes = 0
		return nil
	}
	if err != nil {
		return err
	}
	var r record
	if err := json.Unmarshal(text, &r); err != nil {
		return fmt.Errorf("reading %s: %w", c.File(recordName), err)
	}
	c.Index, c.Nodes, c.Ingress, c.MetricsServer = r.Index, r.Nodes, r.Ingress, r.MetricsServer
	return nil
}

// Exists reports whether the cluster was started and not destroyed since.
func (c *Cluster) Exists() bool { return c.Nodes > 0 }

// save writes the record atomically.
func (c *Cluster) save() error {
	text, err := json.Marshal(record{c.Index, c.Nodes, c.Ingress, c.MetricsServer})
	if err != nil {
		return err
	}
	path := c.File(recordName)
	if err := os.WriteFile(path+".new", append(text, '\n'), 0o600); err != nil {
		return err
	}
	return os.Rename(path+".new", path)
}

// locked calls change while no other command changes the cluster. The lock is on the cluster's data folder.
func (c *Cluster) locked(change func() error) error {
	for {
		if err := os.MkdirAll(c.Data, 0o711); err != nil {
			return err
		}
		lock, err := c.lock(c.Data)
		if err != nil {
			return err
		}
		held, heldErr := lock.Stat()
		if now, err := os.Stat(c.Data); heldErr == nil && err == nil && os.SameFile(held, now) {
			defer lock.Close() //nolint:errcheck // nothing was written
			if err := c.load(); err != nil {
				return err
			}
			return change()
		}
		// The other command has destroyed the cluster.
		if err := lock.Close(); err != nil {
			return err
		}
	}
}

// lock locks a folder, and waits while another command holds the lock.
func (c *Cluster) lock(folder string) (*flock.Flock, error) {
	lock := flock.New(folder, flock.SetFlag(os.O_RDONLY))
	locked, err := lock.TryLock()
	if err == nil && !locked {
		c.say("waiting for another command that holds %s", folder)
		err = lock.Lock()
	}
	if err != nil {
		return nil, fmt.Errorf("locking %s: %w", folder, err)
	}
	return lock, nil
}

// say prints a line of progress with the seconds since the command started. On a terminal, it replaces a line that another command is
// still writing, as local/tools does beside it.
func (c *Cluster) say(format string, args ...any) {
	start := ""
	if file, ok := c.out.(*os.File); ok && term.IsTerminal(int(file.Fd())) {
		start = "\r\x1b[K"
	}
	fmt.Fprintf(c.out, "%s%5.1fs  %s\n", start, time.Since(c.start).Seconds(), fmt.Sprintf(format, args...))
}

// daemons returns all programs of the cluster in the order in which they start.
func (c *Cluster) daemons() []*process.Daemon {
	var list []*process.Daemon
	for number := 1; number <= c.Nodes; number++ {
		list = append(list, c.daemonsOf(number)...)
	}
	return list
}

// daemonsOf returns the programs of one node. Node 1 runs the control plane.
func (c *Cluster) daemonsOf(number int) []*process.Daemon {
	programs := node.Daemons(c.Node(number), c.self)
	if number == 1 {
		return append(control.Daemons(c.Cluster, c.self), programs...)
	}
	return programs
}
