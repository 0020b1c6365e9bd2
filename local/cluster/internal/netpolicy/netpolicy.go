// Package netpolicy enforces NetworkPolicies on a node, as Calico does in microk8s: the controller of upstream's
// kube-network-policies reads the first packet of a connection from a queue and decides, and iptables puts it there.
//
// The controller would lay nftables rules for that itself. At each change of a Pod it takes its table away and makes it anew, and whenever
// a table's hook goes, the kernel drops what is in the queue: a connection that begins just then waits a second or more for its first
// packet to be sent again. So it is kept from that, by a name that no table can have. It writes the kernel's refusal into its log, and
// reads its queue all the same.
package netpolicy

import (
	"context"
	"os"
	"strings"

	"github.com/spf13/cobra"
	"golang.org/x/sync/errgroup"
	genericapiserver "k8s.io/apiserver/pkg/server"
	"k8s.io/client-go/informers"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/tools/clientcmd"
	"sigs.k8s.io/kube-network-policies/pkg/networkpolicy"
)

// longestTableName is how long the name of a table of nftables may be: NFT_TABLE_MAXNAMELEN, without the zero at its end.
const longestTableName = 255

// NewCommand is the enforcer as a program that runs in the node's network namespace.
func NewCommand() *cobra.Command {
	var kubeconfig, node string
	cmd := &cobra.Command{
		Use:   "network-policies",
		Short: "Enforce NetworkPolicies on a node",
		Args:  cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			return enforce(genericapiserver.SetupSignalContext(), kubeconfig, node)
		},
	}
	cmd.Flags().StringVar(&kubeconfig, "kubeconfig", "", "kubeconfig file of the enforcer")
	cmd.Flags().StringVar(&node, "node", "", "name of the node")
	return cmd
}

// enforce fails closed, as upstream does unless told otherwise: if this program is killed, Pods that a policy selects get no
// new connection until it runs again. Told to end, it takes the rules away, as upstream does. In both cases connections that
// exist stay, and other Pods notice nothing.
func enforce(ctx context.Context, kubeconfig, node string) error {
	// The controller would ask containerd for Pods' addresses (NRI), at a path that all nodes and the machine's own
	// containerd share; and without NRI this release panics at an address that no Pod has. This is no socket: it gives up.
	if err := os.Setenv("NRI_PLUGIN_SOCKET", "none"); err != nil {
		return err
	}
	config, err := clientcmd.BuildConfigFromFlags("", kubeconfig)
	if err != nil {
		return err
	}
	client, err := kubernetes.NewForConfig(config)
	if err != nil {
		return err
	}
	factory := informers.NewSharedInformerFactory(client, 0)
	pods, policies := factory.Core().V1().Pods(), factory.Networking().V1().NetworkPolicies()
	controller, err := networkpolicy.NewController(client, policies, factory.Core().V1().Namespaces(), pods,
		nil, nil, nil, nil, // what AdminNetworkPolicies need, which microk8s does not have
		networkpolicy.Config{NodeName: node, QueueID: queue, NFTableName: strings.Repeat("-", longestTableName+1)})
	if err != nil {
		return err
	}
	rules, err := newRules(node, pods, policies)
	if err != nil {
		return err
	}
	factory.Start(ctx.Done())
	group, groupCtx := errgroup.WithContext(ctx)
	group.Go(func() error { return controller.Run(groupCtx) })
	group.Go(func() error { return rules.keep(groupCtx) })
	if err := group.Wait(); err != nil {
		return err
	}
	return restore(context.WithoutCancel(ctx), table(nil))
}
