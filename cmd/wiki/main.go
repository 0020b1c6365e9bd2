// Command wiki operates a wiki that runs: it takes backups and brings them back.
package main

import (
	"context"
	"fmt"
	"os"
	"os/signal"

	"github.com/spf13/cobra"

	"mediawiki-stack/internal/operate"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := command().ExecuteContext(ctx); err != nil {
		fmt.Fprintln(os.Stderr, "wiki:", err)
		stop()
		os.Exit(1) //nolint:gocritic // nothing is left to be done
	}
}

func command() *cobra.Command {
	var kubeconfig, kubeContext, namespace, name string
	root := &cobra.Command{
		Use: "wiki", Short: "Operate a wiki that runs", SilenceUsage: true, SilenceErrors: true, Args: cobra.NoArgs,
	}
	flags := root.PersistentFlags()
	flags.StringVar(&kubeconfig, "kubeconfig", "", "path of the kubeconfig file (default: $KUBECONFIG, else ~/.kube/config)")
	flags.StringVar(&kubeContext, "context", "", "context in it (default: its current one)")
	flags.StringVarP(&namespace, "namespace", "n", "", "the wiki's namespace: pulumi stack output namespace")
	flags.StringVar(&name, "name", "mediawiki", "the wiki's name, with which its objects' names begin")

	add := func(use, short string, args cobra.PositionalArgs, do func(context.Context, *operate.Wiki, operate.Printer, []string) error) {
		root.AddCommand(&cobra.Command{Use: use, Short: short, Args: args, RunE: func(cmd *cobra.Command, given []string) error {
			if namespace == "" {
				return fmt.Errorf("which wiki? Add --namespace, such as --namespace mediawiki-rpi")
			}
			wiki, err := operate.Open(kubeconfig, kubeContext, namespace, name)
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
		"written, IMAGES the folder of uploads or a tar of it", cobra.RangeArgs(1, 2),
		func(ctx context.Context, w *operate.Wiki, show operate.Printer, args []string) error {
			return w.Import(ctx, args[0], append(args, "")[1], show)
		})
	return root
}
