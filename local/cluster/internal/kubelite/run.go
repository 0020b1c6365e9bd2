// Package kubelite holds the programs of a cluster in one binary, as microk8s's kubelite does.
package kubelite

import (
	"context"
	"fmt"
	"os"
	"sort"

	"github.com/spf13/cobra"
	"go.etcd.io/etcd/server/v3/etcdmain"
	"k8s.io/component-base/cli"
	kubectl "k8s.io/kubectl/pkg/cmd"
	apiserver "k8s.io/kubernetes/cmd/kube-apiserver/app"
	controllermanager "k8s.io/kubernetes/cmd/kube-controller-manager/app"
	proxy "k8s.io/kubernetes/cmd/kube-proxy/app"
	scheduler "k8s.io/kubernetes/cmd/kube-scheduler/app"
	kubelet "k8s.io/kubernetes/cmd/kubelet/app"

	"github.com/mediawiki-stack/mediawiki-stack/local/cluster/internal/netpolicy"
	"github.com/mediawiki-stack/mediawiki-stack/local/cluster/internal/provisioner"
)

var commands = map[string]func() *cobra.Command{
	"kube-apiserver":          apiserver.NewAPIServerCommand,
	"kube-controller-manager": controllermanager.NewControllerManagerCommand,
	"kube-scheduler":          func() *cobra.Command { return scheduler.NewSchedulerCommand() },
	"kube-proxy":              proxy.NewProxyCommand,
	"kubelet":                 func() *cobra.Command { return kubelet.NewKubeletCommand(context.Background()) },
	"kubectl":                 kubectl.NewDefaultKubectlCommand,
	"provisioner":             provisioner.NewCommand,
	"network-policies":        netpolicy.NewCommand,
}

// Run runs a component and returns its exit status. args are its name and its flags.
func Run(args []string) int {
	if len(args) > 0 && args[0] == "etcd" {
		etcdmain.Main(args)
		return 0
	}
	if len(args) == 0 || commands[args[0]] == nil {
		names := []string{"etcd"}
		for name := range commands {
			names = append(names, name)
		}
		sort.Strings(names)
		fmt.Fprintf(os.Stderr, "cluster: run takes one of %q and its flags\n", names)
		return 2
	}
	os.Args = args
	return cli.Run(commands[args[0]]())
}
