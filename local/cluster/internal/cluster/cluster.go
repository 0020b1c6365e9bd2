// Package cluster starts, mends and stops a cluster as a whole.
package cluster

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"

	"golang.org/x/sys/unix"

	"mediawiki-stack/local/cluster/internal/control"
	"mediawiki-stack/local/cluster/internal/node"
	"mediawiki-stack/local/cluster/internal/paths"
	"mediawiki-stack/local/cluster/internal/process"
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
	p, err := paths.New(name)
	if err != nil {
		return nil, err
	}
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	c := &Cluster{Cluster: p, self: self, out: out, start: time.Now()}
	text, err := os.ReadFile(p.File("cluster.json"))
	if errors.Is(err, os.ErrNotExist) {
		return c, nil
	}
	if err != nil {
		return nil, err
	}
	var r record
	if err := json.Unmarshal(text, &r); err != nil {
		return nil, fmt.Errorf("reading %s: %w", p.File("cluster.json"), err)
	}
	p.Index, c.Nodes = r.Index, r.Nodes
	return c, nil
}

// Exists says whether the cluster was ever started and not destroyed.
func (c *Cluster) Exists() bool { return c.Nodes > 0 }

func (c *Cluster) save() error {
	text, err := json.Marshal(record{c.Index, c.Nodes})
	if err != nil {
		return err
	}
	return os.WriteFile(c.File("cluster.json"), append(text, '\n'), 0o600)
}

// lock keeps two commands from changing one cluster at once; the kernel releases it when the program ends.
func (c *Cluster) lock() (func() error, error) {
	dir := filepath.Dir(c.Data)
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return nil, err
	}
	file, err := os.OpenFile(filepath.Join(dir, "."+c.Name+".lock"), os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, err
	}
	if err := unix.Flock(int(file.Fd()), unix.LOCK_EX); err != nil {
		return nil, errors.Join(err, file.Close())
	}
	return func() error { return errors.Join(os.Remove(file.Name()), file.Close()) }, nil
}

// say prints a line of progress with the seconds since the command began.
func (c *Cluster) say(format string, args ...any) {
	fmt.Fprintf(c.out, "%5.1fs  %s\n", time.Since(c.start).Seconds(), fmt.Sprintf(format, args...))
}

// daemons are all programs of the cluster in the order of starting.
func (c *Cluster) daemons() []*process.Daemon {
	list := control.Daemons(c.Cluster, c.self)
	for n := 1; n <= c.Nodes; n++ {
		list = append(list, node.Daemons(c.Node(n), c.self)...)
	}
	return list
}
