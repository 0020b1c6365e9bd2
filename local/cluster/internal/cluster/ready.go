package cluster

import (
	"context"
	"fmt"
	"time"

	"github.com/mediawiki-stack/mediawiki-stack/local/cluster/internal/addons"
	"github.com/mediawiki-stack/mediawiki-stack/local/cluster/internal/process"
)

const (
	readyTimeout = 5 * time.Minute // for each part
	pollInterval = 100 * time.Millisecond
)

func (c *Cluster) awaitReady(ctx context.Context) error {
	client, err := c.client()
	if err != nil {
		return err
	}
	type wait struct {
		what string
		how  func(context.Context) error
	}
	waits := []wait{
		{"addons", func(ctx context.Context) error { return addons.Apply(ctx, c.self, c.Kubeconfig()) }},
		{"nodes", func(ctx context.Context) error { return client.nodesReady(ctx, c.Nodes) }},
		{"DNS", client.dnsReady},
	}
	if c.Ingress {
		waits = append(waits,
			wait{"ingress addons", func(ctx context.Context) error { return addons.Ingress.Apply(ctx, c.self, c.Kubeconfig()) }},
			wait{"ingress controller", func(ctx context.Context) error { return client.ingressReady(ctx, c.Nodes) }},
			wait{"cert-manager", client.certManagerReady})
	}
	if c.MetricsServer {
		apply := func(ctx context.Context) error { return addons.MetricsServer.Apply(ctx, c.self, c.Kubeconfig()) }
		waits = append(waits, wait{"metrics addon", apply}, wait{"metrics-server", client.metricsServerReady})
	}
	for _, wait := range waits {
		if err := c.await(ctx, wait.what, c.daemons(), wait.how); err != nil {
			return err
		}
	}
	return nil
}

// await calls try until it succeeds, one of the programs it needs has exited, or readyTimeout has passed.
func (c *Cluster) await(ctx context.Context, what string, needs []*process.Daemon, try func(context.Context) error) error {
	ctx, cancel := context.WithTimeout(ctx, readyTimeout)
	defer cancel()
	var last error // the last one that try returned before ctx ended
	for {
		err := try(ctx)
		if err == nil {
			c.say("%s ready", what)
			return nil
		}
		if last == nil || ctx.Err() == nil {
			last = err
		}
		if dead := firstDead(needs); dead != nil {
			return fmt.Errorf("waiting for %s: %s has exited; its log %s ends with\n%s", what, dead.Name, dead.LogFile, dead.LastLines(10))
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("waiting for %s: %w\n  type: cluster --name %s status", what, last, c.Name)
		case <-time.After(pollInterval):
		}
	}
}

func firstDead(daemons []*process.Daemon) *process.Daemon {
	for _, daemon := range daemons {
		if daemon.PID() == 0 {
			return daemon
		}
	}
	return nil
}
