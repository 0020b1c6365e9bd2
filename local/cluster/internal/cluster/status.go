package cluster

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"text/tabwriter"
	"time"
)

// Status prints the state of every part. It fails if one does not work.
func (c *Cluster) Status(ctx context.Context, out io.Writer) error {
	if !c.Exists() {
		return fmt.Errorf("there is no cluster %s\n  type: make up", c.Name)
	}
	table := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	well := true
	row := func(what, state string, err error) {
		if err != nil {
			well, state = false, err.Error()
		}
		fmt.Fprintf(table, "%s\t%s\n", what, state)
	}
	for _, daemon := range c.daemons() {
		if pid := daemon.PID(); pid != 0 {
			row(daemon.Name, fmt.Sprintf("runs, process %d", pid), nil)
		} else {
			row(daemon.Name, "", errors.New("does not run"))
		}
	}
	ctx, cancel := context.WithTimeout(ctx, 5*time.Second)
	defer cancel()
	client, err := c.client()
	if err != nil {
		return err
	}
	row("API server", c.APIServer(), client.healthy(ctx))
	row("nodes", fmt.Sprintf("%d ready", c.Nodes), client.nodesReady(ctx, c.Nodes))
	row("DNS", "ready", client.dnsReady(ctx))
	if c.Ingress {
		row("ingress controller", "ready", client.ingressReady(ctx, c.Nodes))
		row("cert-manager", "ready", client.certManagerReady(ctx))
	}
	if c.MetricsServer {
		row("metrics-server", "ready", client.metricsServerReady(ctx))
	}
	if err := table.Flush(); err != nil {
		return err
	}
	if !well {
		return fmt.Errorf("cluster %s does not work as it should\n  type: make up", c.Name)
	}
	return nil
}

// Logs prints the log of a component; "kubelet" means the first node's.
func (c *Cluster) Logs(out io.Writer, component string) error {
	var names []string
	for _, daemon := range c.daemons() {
		names = append(names, daemon.Name)
		if daemon.Name == component || daemon.Name == component+"@1" {
			log, err := os.Open(daemon.LogFile)
			if err != nil {
				return err
			}
			defer log.Close()
			_, err = io.Copy(out, log)
			return err
		}
	}
	return fmt.Errorf("no component %q; there are %s", component, strings.Join(names, ", "))
}
