// Command wiki operates a wiki that runs: it looks how it is, takes backups and brings them back.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"

	"github.com/spf13/cobra"

	"github.com/mediawiki-stack/mediawiki-stack/internal/doctor"
	"github.com/mediawiki-stack/mediawiki-stack/internal/operate"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	status := run(ctx, os.Args[1:], os.Stdout, os.Stderr)
	stop()
	os.Exit(status)
}

// run is the program: 0 if all went well, 1 if it did not, 2 if it was not called correctly.
func run(ctx context.Context, args []string, stdout, stderr io.Writer) int {
	root := command()
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

func command() *cobra.Command {
	var options doctor.Options
	root := &cobra.Command{
		Use: "wiki", Short: "Operate a wiki that runs", SilenceUsage: true, SilenceErrors: true,
	}
	flags := root.PersistentFlags()
	flags.StringVar(&options.Kubeconfig, "kubeconfig", "", "path of the kubeconfig file (default: $KUBECONFIG, else ~/.kube/config)")
	flags.StringVar(&options.Context, "context", "", "context in it (default: its current one)")
	flags.StringVarP(&options.Namespace, "namespace", "n", "", "the wiki's namespace: pulumi stack output namespace")
	flags.StringVar(&options.Name, "name", "mediawiki", "the wiki's name, with which its objects' names begin")

	add := func(use, short string, args cobra.PositionalArgs, do func(context.Context, *operate.Wiki, operate.Printer, []string) error) {
		root.AddCommand(&cobra.Command{Use: use, Short: short, Args: args, RunE: func(cmd *cobra.Command, given []string) error {
			if options.Namespace == "" {
				return fmt.Errorf("which wiki? Add --namespace, such as --namespace mediawiki-rpi")
			}
			wiki, err := operate.Open(options.Kubeconfig, options.Context, options.Namespace, options.Name)
			if err != nil {
				return err
			}
			show := func(line string) { fmt.Fprintln(cmd.OutOrStdout(), line) }
			return do(cmd.Context(), wiki, show, given)
		}})
	}
	add("backup", "Take a backup now, and wait for it", cobra.NoArgs,
		func(ctx context.Context, w *operate.Wiki, show operate.Printer, _ []string) error {
			return w.Backup(ctx, show)
		})
	add("backups", "List the backups that there are", cobra.NoArgs,
		func(ctx context.Context, w *operate.Wiki, show operate.Printer, _ []string) error {
			return w.Backups(ctx, show)
		})
	add("restore [NAME]", "Put a backup, without NAME the newest, in the place of what the wiki has", cobra.MaximumNArgs(1),
		func(ctx context.Context, w *operate.Wiki, show operate.Printer, args []string) error {
			return w.Restore(ctx, append(args, "")[0], show)
		})
	add("drill [NAME]", "Prove that a backup, without NAME the newest, can be restored; the wiki is not touched", cobra.MaximumNArgs(1),
		func(ctx context.Context, w *operate.Wiki, show operate.Printer, args []string) error {
			return w.Drill(ctx, append(args, "")[0], show)
		})
	add("import DUMP [IMAGES]", "Make a wiki that ran elsewhere this new one: DUMP is what mariadb-dump or mysqldump has\n"+
		"written, IMAGES the folder of uploads, or a tar or zip of it", cobra.RangeArgs(1, 2),
		func(ctx context.Context, w *operate.Wiki, show operate.Printer, args []string) error {
			return w.Import(ctx, args[0], append(args, "")[1], show)
		})
	root.AddCommand(doctorCommand(&options))
	return root
}
