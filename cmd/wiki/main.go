// Command wiki operates a running wiki: it checks its health, tries what users do, makes and restores backups, and imports a wiki that ran
// elsewhere.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"

	"github.com/go-logr/logr"
	"github.com/spf13/cobra"
	"k8s.io/klog/v2"

	"github.com/mediawiki-stack/mediawiki-stack/internal/doctor"
	"github.com/mediawiki-stack/mediawiki-stack/internal/release"
)

func main() {
	klog.SetLogger(logr.Discard()) // client-go logs errors there that it returns as well
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	status := run(ctx, os.Args[1:], os.Stdout, os.Stderr)
	stop()
	os.Exit(status)
}

// run returns the exit status: 0 for success, 1 for a failure, 2 for a command line that is not valid.
func run(ctx context.Context, args []string, stdout, stderr io.Writer) int {
	root := rootCommand()
	started := false
	root.PersistentPreRun = func(*cobra.Command, []string) { started = true }
	root.SetArgs(args)
	root.SetOut(stdout)
	root.SetErr(stderr)
	err := root.ExecuteContext(ctx)
	if err == nil {
		return 0
	}
	if !errors.Is(err, errBroken) {
		fmt.Fprintln(stderr, "wiki:", err)
	}
	if !started {
		return 2
	}
	return 1
}

const about = `Operates a running wiki: checks its health, makes, tests and restores backups, and imports a wiki that ran elsewhere (a dump
of its database, and its images directory) into a new one. "wiki COMMAND --help" says what a command takes and does.`

func rootCommand() *cobra.Command {
	var options doctor.Options
	root := &cobra.Command{
		Use: "wiki", Short: "Operate a running wiki", Long: about, Version: release.Version(), SilenceUsage: true, SilenceErrors: true,
	}
	flags := root.PersistentFlags()
	flags.StringVar(&options.Kubeconfig, "kubeconfig", "", "path of the kubeconfig file (default: $KUBECONFIG, else ~/.kube/config)")
	flags.StringVar(&options.Context, "context", "", "context in the kubeconfig file (default: its current context)")
	flags.StringVarP(&options.Namespace, "namespace", "n", "", "namespace of the wiki; pulumi stack output namespace prints it")
	flags.StringVar(&options.Name, "name", "mediawiki", "name of the wiki, with which the names of its objects begin")
	root.AddCommand(doctorCommand(&options), logsCommand(&options), promoteCommand(&options), statusCommand(&options), versionCommand())
	root.AddCommand(operations(&options)...)
	return root
}

func versionCommand() *cobra.Command {
	return &cobra.Command{
		Use: "version", Short: "Print the release of this command", Example: "  wiki version", Args: cobra.NoArgs,
		Long: `Prints the release that this command was built from: the tag of the commit, or a pseudo-version of a commit without a tag.`,
		Run:  func(command *cobra.Command, _ []string) { fmt.Fprintln(command.OutOrStdout(), release.Version()) },
	}
}
