// Package netpolicy enforces NetworkPolicies on a node, as Calico does in microk8s. iptables puts the first packet of a connection into a
// queue (NFQUEUE), and the policy engine of upstream's kube-network-policies accepts or drops it.
//
// Upstream's own dataplane is not used. Its nftables rules need a kernel with CONFIG_NFT_QUEUE, which not every kernel has, and it replaces
// its whole table whenever a Pod changes. Whenever a table's hook is deleted, the kernel drops the packets in the queue, so a connection
// that begins just then waits a second or more until its first packet is sent again.
package netpolicy

import (
	"context"

	"github.com/spf13/cobra"
	genericapiserver "k8s.io/apiserver/pkg/server"
	"k8s.io/client-go/informers"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/tools/clientcmd"
	"sigs.k8s.io/kube-network-policies/pkg/api"
	"sigs.k8s.io/kube-network-policies/pkg/networkpolicy"
	"sigs.k8s.io/kube-network-policies/pkg/podinfo"
)

// NewCommand returns the enforcer as a program that runs in the node's network namespace.
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

// enforce fails closed, as upstream does by default: if this program is killed, Pods that a policy selects get no new connection until it
// runs again. On SIGTERM it removes the rules. In both cases open connections stay, and other Pods notice nothing.
func enforce(ctx context.Context, kubeconfig, node string) error {
	config, err := clientcmd.BuildConfigFromFlags("", kubeconfig)
	if err != nil {
		return err
	}
	client, err := kubernetes.NewForConfig(config)
	if err != nil {
		return err
	}
	factory := informers.NewSharedInformerFactory(client, 0)
	rules, err := newRules(node, factory)
	if err != nil {
		return err
	}
	factory.Start(ctx.Done())
	factory.WaitForCacheSync(ctx.Done())
	if ctx.Err() != nil {
		return nil // the rules of an enforcer that was killed stay until one knows all Pods and policies
	}
	closeQueue, err := answer(ctx, rules.engine)
	if err != nil {
		return err
	}
	defer closeQueue() //nolint:errcheck // the program ends
	rules.keep(ctx)
	return restore(context.WithoutCancel(ctx), table(nil))
}

// newEngine returns upstream's policy engine, which calls changed whenever the set of selected Pods may have changed, and the index of Pods
// by address that it uses.
func newEngine(node string, factory informers.SharedInformerFactory, changed func()) (
	*networkpolicy.PolicyEngine, *podinfo.InformerResolver, error,
) {
	pods, namespaces := factory.Core().V1().Pods(), factory.Core().V1().Namespaces()
	byAddress, err := podinfo.NewInformerResolver(pods.Informer())
	if err != nil {
		return nil, nil, err
	}
	policies := networkpolicy.NewStandardNetworkPolicy(node, namespaces, pods, factory.Networking().V1().NetworkPolicies())
	engine := networkpolicy.NewPolicyEngine(
		podinfo.NewInformerProvider(pods, namespaces, nil, []podinfo.IPResolver{byAddress}),
		[]api.PolicyEvaluator{policies})
	engine.SetDataplaneSyncCallbacks(changed)
	return engine, byAddress, nil
}
