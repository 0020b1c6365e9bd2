// Command cluster runs a small Kubernetes on this machine: every node a network namespace without an uplink.
package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"regexp"
	"syscall"

	"github.com/spf13/cobra"

	"github.com/mediawiki-stack/mediawiki-stack/local/cluster/internal/cluster"
	"github.com/mediawiki-stack/mediawiki-stack/local/cluster/internal/kubelite"
)

func main() {
	if len(os.Args) > 1 && os.Args[1] == "run" {
		os.Exit(kubelite.Run(os.Args[2:]))
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	err := command().ExecuteContext(ctx)
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "cluster:", err)
		os.Exit(1)
	}
}

// goodName matches names that are valid for network namespaces, nodes and folders.
var goodName = regexp.MustCompile(`^[a-z][a-z0-9-]{0,30}$`)

func command() *cobra.Command {
	var name string
	open := func() (*cluster.Cluster, error) {
		if !goodName.MatchString(name) {
			return nil, fmt.Errorf("the cluster's name (--name, else $CLUSTER) is %q; "+
				"use up to 31 lower-case letters, digits and hyphens, beginning with a letter", name)
		}
		return cluster.Open(name, os.Stderr)
	}
	root := &cobra.Command{
		Use: "cluster", Short: "A small Kubernetes on this machine, without an uplink",
		SilenceUsage: true, SilenceErrors: true,
		TraverseChildren: true, // the flags after "kubectl" are kubectl's own
	}
	root.PersistentFlags().StringVar(&name, "name", cmp.Or(os.Getenv("CLUSTER"), "mediawiki"),
		"name of the cluster, $CLUSTER by default; several run beside each other")
	root.AddCommand(up(open), logs(open), kubectl(open))
	for _, c := range []struct {
		use, short string
		run        func(*cobra.Command, *cluster.Cluster) error
	}{
		{"down", "Stop the cluster; its data stays", func(cmd *cobra.Command, c *cluster.Cluster) error { return c.Down(cmd.Context()) }},
		{"destroy", "Stop the cluster and delete its data", func(cmd *cobra.Command, c *cluster.Cluster) error {
			return c.Destroy(cmd.Context())
		}},
		{"status", "Show the state of every part", func(cmd *cobra.Command, c *cluster.Cluster) error {
			return c.Status(cmd.Context(), cmd.OutOrStdout())
		}},
		{"kubeconfig", "Print the path of the kubeconfig file", func(cmd *cobra.Command, c *cluster.Cluster) error {
			if !c.Exists() {
				return fmt.Errorf("there is no cluster %s\n  type: make up", name)
			}
			_, err := fmt.Fprintln(cmd.OutOrStdout(), c.Kubeconfig())
			return err
		}},
	} {
		root.AddCommand(&cobra.Command{Use: c.use, Short: c.short, Args: cobra.NoArgs, RunE: func(cmd *cobra.Command, _ []string) error {
			opened, err := open()
			if err != nil {
				return err
			}
			return c.run(cmd, opened)
		}})
	}
	return root
}

func up(open func() (*cluster.Cluster, error)) *cobra.Command {
	var options cluster.Options
	cmd := &cobra.Command{
		Use: "up", Short: "Start the cluster, or repair what is broken", Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			c, err := open()
			if err != nil {
				return err
			}
			if cmd.Flags().Changed("ingress") && !options.Ingress && c.Ingress {
				return fmt.Errorf("cluster %s has an ingress controller, and its wikis may have certificates\n"+
					"  to delete the cluster and its data, type: cluster --name %s destroy", c.Name, c.Name)
			}
			return c.Up(cmd.Context(), options)
		},
	}
	cmd.Flags().IntVar(&options.Nodes, "nodes", 0, "number of nodes (default: as many as there are, 1 at first)")
	cmd.Flags().StringVar(&options.Images, "images", "", "folder of image archives (*.tar) to import into every node")
	cmd.Flags().BoolVar(&options.Ingress, "ingress", false,
		"add Traefik and cert-manager (microk8s enable ingress cert-manager); they stay until the cluster is destroyed")
	cmd.Flags().BoolVar(&options.MetricsServer, "metrics-server", false,
		"add metrics-server (microk8s enable metrics-server); it stays until the cluster is destroyed")
	return cmd
}

func logs(open func() (*cluster.Cluster, error)) *cobra.Command {
	return &cobra.Command{
		Use: "logs COMPONENT", Short: "Print the log of a component, such as etcd or kubelet@1", Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			c, err := open()
			if err != nil {
				return err
			}
			return c.Logs(cmd.OutOrStdout(), args[0])
		},
	}
}

func kubectl(open func() (*cluster.Cluster, error)) *cobra.Command {
	return &cobra.Command{
		Use: "kubectl ARGS…", Short: "Run kubectl on the cluster", DisableFlagParsing: true,
		RunE: func(cmd *cobra.Command, args []string) error {
			c, err := open()
			if err != nil {
				return err
			}
			self, err := os.Executable()
			if err != nil {
				return err
			}
			run := exec.CommandContext(cmd.Context(), self, append([]string{"run", "kubectl"}, args...)...)
			run.Env = append(os.Environ(), "KUBECONFIG="+c.Kubeconfig())
			run.Stdin, run.Stdout, run.Stderr = os.Stdin, os.Stdout, os.Stderr
			err = run.Run()
			if failed := new(exec.ExitError); errors.As(err, &failed) {
				os.Exit(failed.ExitCode()) // kubectl has printed why
			}
			return err
		},
	}
}
