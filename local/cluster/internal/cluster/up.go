package cluster

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"sort"
	"strings"

	"golang.org/x/sync/errgroup"

	"github.com/mediawiki-stack/mediawiki-stack/local/cluster/internal/addons"
	"github.com/mediawiki-stack/mediawiki-stack/local/cluster/internal/control"
	"github.com/mediawiki-stack/mediawiki-stack/local/cluster/internal/cri"
	"github.com/mediawiki-stack/mediawiki-stack/local/cluster/internal/images"
	"github.com/mediawiki-stack/mediawiki-stack/local/cluster/internal/network"
	"github.com/mediawiki-stack/mediawiki-stack/local/cluster/internal/node"
	"github.com/mediawiki-stack/mediawiki-stack/local/cluster/internal/paths"
	"github.com/mediawiki-stack/mediawiki-stack/local/cluster/internal/pki"
	"github.com/mediawiki-stack/mediawiki-stack/local/cluster/internal/preflight"
	"github.com/mediawiki-stack/mediawiki-stack/local/cluster/internal/process"
)

// Options are what a cluster is started with.
type Options struct {
	// Nodes is the number of nodes. Defaults to their present number, which is 1 at first.
	Nodes int
	// Images is a folder of image archives to import into every node. Defaults to none.
	Images string
	// Ingress adds an ingress controller and cert-manager. A cluster keeps what it has.
	Ingress bool
	// MetricsServer adds metrics-server. A cluster keeps it.
	MetricsServer bool
}

// Up starts the cluster, or repairs what is broken, and returns when it is ready.
func (c *Cluster) Up(ctx context.Context, options Options) error {
	if options.Nodes < 0 || options.Nodes > paths.MaxNodes {
		return fmt.Errorf("--nodes is %d; a cluster has 1 to %d", options.Nodes, paths.MaxNodes)
	}
	for _, addon := range []struct {
		*addons.Addon
		wanted, there bool
	}{
		{addons.Ingress, options.Ingress, c.Ingress}, {addons.MetricsServer, options.MetricsServer, c.MetricsServer},
	} {
		if addon.wanted && !addon.there {
			if err := addon.Check(); err != nil {
				return err
			}
		}
	}
	if err := preflight.Check(c.Data); err != nil {
		return err
	}
	return c.locked(func() error { return c.up(ctx, options) })
}

func (c *Cluster) up(ctx context.Context, options Options) error {
	if err := c.plan(options); err != nil {
		return err
	}
	if err := preflight.Inotify(c.stopped()); err != nil {
		return err
	}
	if err := c.prepare(ctx); err != nil {
		return err
	}
	archives, err := c.archives(options.Images)
	if err != nil {
		return err
	}
	if err := c.startAll(ctx); err != nil {
		return err
	}
	c.say("started %d programs on %d node(s)", len(c.daemons()), c.Nodes)
	group, groupCtx := errgroup.WithContext(ctx)
	group.Go(func() error { return c.awaitReady(groupCtx) })
	for n := 1; n <= c.Nodes; n++ {
		group.Go(func() error { return c.importAll(groupCtx, c.Node(n), archives) })
	}
	if err := group.Wait(); err != nil {
		return err
	}
	c.say("cluster %s is ready; kubeconfig %s", c.Name, c.Kubeconfig())
	return nil
}

// stopped returns the number of nodes that have no running kubelet.
func (c *Cluster) stopped() int {
	stopped := 0
	for n := 1; n <= c.Nodes; n++ {
		if node.Kubelet(c.Node(n), c.self).PID() == 0 {
			stopped++
		}
	}
	return stopped
}

// prepare creates certificates, network and configuration. It stops the programs of a node whose network does not exist any more.
func (c *Cluster) prepare(ctx context.Context) error {
	if err := pki.Ensure(c.Cluster, c.Nodes); err != nil {
		return err
	}
	for _, number := range network.Lost(c.Cluster, c.Nodes) {
		if err := c.sweep(ctx, number); err != nil {
			return err
		}
	}
	if err := network.Ensure(c.Cluster, c.Nodes); err != nil {
		return err
	}
	if err := os.MkdirAll(c.Storage(), 0o711); err != nil {
		return err
	}
	for n := 1; n <= c.Nodes; n++ {
		restart, err := node.Configure(c.Node(n))
		if err != nil {
			return err
		}
		if restart {
			if err := node.Kubelet(c.Node(n), c.self).Stop(ctx); err != nil { // startAll starts it again
				return err
			}
		}
	}
	return nil
}

// archives returns the image archives of the cluster's own programs and those in dir.
func (c *Cluster) archives(dir string) ([]string, error) {
	beside := filepath.Dir(c.self)
	own := []images.Image{
		{Reference: node.PauseImage, Binary: filepath.Join(beside, "pause"), User: "65535"},
		addons.CoreDNS(filepath.Join(beside, "coredns")),
	}
	if c.Ingress {
		own = append(own, addons.Ingress.Images()...)
	}
	if c.MetricsServer {
		own = append(own, addons.MetricsServer.Images()...)
	}
	var list []string
	for _, image := range own {
		archive, err := image.Archive(c.File("images"))
		if err != nil {
			return nil, err
		}
		list = append(list, archive)
	}
	if dir == "" {
		return list, nil
	}
	given, err := filepath.Glob(filepath.Join(dir, "*.tar"))
	if err != nil {
		return nil, err
	}
	if len(given) == 0 {
		return nil, fmt.Errorf("no image archive (*.tar) in %s", dir)
	}
	sort.Strings(given)
	return append(list, given...), nil
}

// startAll starts every program that does not run: etcd, the API server and containerd first, because the others exit without them.
func (c *Cluster) startAll(ctx context.Context) error {
	first := control.Daemons(c.Cluster, c.self)[:2]
	for n := 1; n <= c.Nodes; n++ {
		first = append(first, node.Containerd(c.Node(n)))
	}
	if err := start(first); err != nil {
		return err
	}
	client, err := c.client()
	if err != nil {
		return err
	}
	if err := c.await(ctx, "API server", first, client.healthy); err != nil {
		return err
	}
	if err := c.await(ctx, "containerd", first, c.containerdsAnswer); err != nil {
		return err
	}
	return start(c.daemons())
}

func start(daemons []*process.Daemon) error {
	for _, daemon := range daemons {
		if daemon.PID() != 0 {
			continue
		}
		if err := network.CheckFree(daemon.Namespace, daemon.Ports); err != nil {
			return err
		}
		if err := daemon.Start(); err != nil {
			return err
		}
	}
	return nil
}

func (c *Cluster) containerdsAnswer(ctx context.Context) error {
	for n := 1; n <= c.Nodes; n++ {
		if err := cri.Answers(ctx, c.Node(n)); err != nil {
			return fmt.Errorf("%s: %w", c.Node(n).NodeName(), err)
		}
	}
	return nil
}

// importAll imports those archives that the node does not have yet, each of which takes up to 20 s.
func (c *Cluster) importAll(ctx context.Context, n *paths.Node, archives []string) error {
	for _, archive := range archives {
		imported, err := cri.Imported(n, archive)
		if err != nil {
			return err
		}
		if imported {
			continue
		}
		c.say("importing %s into %s", strings.TrimSuffix(filepath.Base(archive), ".tar"), n.NodeName())
		if err := cri.Import(ctx, n, archive); err != nil {
			return err
		}
	}
	c.say("%d images are on %s", len(archives), n.NodeName())
	return nil
}
