package main

import (
	"context"
	"errors"
	"fmt"
	"os"

	"github.com/spf13/cobra"

	"github.com/mediawiki-stack/mediawiki-stack/internal/doctor"
	"github.com/mediawiki-stack/mediawiki-stack/internal/operate"
)

// operation is a command for one wiki.
type operation struct {
	use, short, long, example string
	args                      cobra.PositionalArgs
	run                       func(context.Context, *operate.Wiki, operate.Printer, []string) error
}

var all = []operation{
	{
		use: "backup", short: "Make a backup now",
		long:    "Makes a backup in the same way as the schedule does, and waits until it is complete.",
		example: "  wiki -n mediawiki-rpi backup",
		args:    cobra.NoArgs,
		run: func(ctx context.Context, w *operate.Wiki, show operate.Printer, _ []string) error {
			return w.Backup(ctx, show)
		},
	},
	{
		use: "backups", short: "List the backups",
		long:    "Lists the backups, newest first, and says which of them a restore test has proven and which are damaged.",
		example: "  wiki -n mediawiki-rpi backups",
		args:    cobra.NoArgs,
		run: func(ctx context.Context, w *operate.Wiki, show operate.Printer, _ []string) error {
			return w.Backups(ctx, show)
		},
	},
	{
		use: "smoke [USER]", short: "Do what a user does, and delete it again (default: as the first administrator)",
		long: "Does what a user does, at the address that readers type: reads, logs in, edits two pages of its own, waits until\n" +
			"readers see each edit, uploads a picture and sees its thumbnail, and deletes all of it. Only lines in the logs\n" +
			"remain. It logs in with the password that the wiki was installed with, or with $WIKI_PASSWORD. USER must be an\n" +
			"administrator. To accept a certificate of a private authority, set $SSL_CERT_FILE to the authority's certificate.\n" +
			"Exit status: 0 if everything works; 1 if something does not, which the last line describes.",
		example: "  wiki -n mediawiki-rpi smoke\n  WIKI_PASSWORD=… wiki -n mediawiki-rpi smoke Chief",
		args:    cobra.MaximumNArgs(1),
		run: func(ctx context.Context, w *operate.Wiki, show operate.Printer, args []string) error {
			return w.Smoke(ctx, append(args, "")[0], os.Getenv("WIKI_PASSWORD"), show)
		},
	},
	{
		use: "restore [NAME]", short: "Replace the wiki's contents with a backup (default: the newest)",
		long: "Replaces the database and the uploads with those of a backup. Without NAME it restores the newest backup. The current\n" +
			"contents become a backup first. The wiki is read-only meanwhile. A damaged backup is refused before anything changes.",
		example: "  wiki -n mediawiki-rpi restore\n  wiki -n mediawiki-rpi restore 20261125T031700Z",
		args:    cobra.MaximumNArgs(1),
		run: func(ctx context.Context, w *operate.Wiki, show operate.Printer, args []string) error {
			return w.Restore(ctx, append(args, "")[0], show)
		},
	},
	{
		use: "drill [NAME]", short: "Prove that a backup can be restored (default: the newest)",
		long: "Loads a backup into a separate database and compares the counts (a restore test). Without NAME it tests the newest\n" +
			"backup that is not damaged, and fails if a newer one is. The wiki is not changed.",
		example: "  wiki -n mediawiki-rpi drill\n  wiki -n mediawiki-rpi drill 20261125T031700Z",
		args:    cobra.MaximumNArgs(1),
		run: func(ctx context.Context, w *operate.Wiki, show operate.Printer, args []string) error {
			return w.Drill(ctx, append(args, "")[0], show)
		},
	},
	{
		use: "import DUMP [IMAGES]", short: "Import a wiki that ran elsewhere, from a dump and its images, into this new wiki",
		long: "Imports a wiki that ran elsewhere, with its pages, histories, users, passwords and files. The wiki that it replaces has\n" +
			"to be new: without pages, files and users of its own.\n\n" +
			"  DUMP    a dump of the old wiki's database by mariadb-dump, mysqldump, phpMyAdmin, Adminer or HeidiSQL: SQL, which may\n" +
			"          be compressed by gzip, bzip2, xz, zstd or zip. MediaWiki's XML, SQLite and PostgreSQL are not accepted\n" +
			"  IMAGES  the old wiki's images directory, or a tar or zip of it; without it, no file is imported\n\n" +
			"Both are read completely before anything is sent. The dump is loaded and updated to this MediaWiki in a temporary\n" +
			"database; the wiki is changed only when that has succeeded. Afterwards users sign in with their old passwords, and\n" +
			"adminPassword no longer applies. Set siteName and language to those of the old wiki first.",
		example: "  wiki -n mediawiki-rpi import wiki.sql.gz images.tar.gz\n  wiki -n mediawiki-rpi import wiki.sql /var/www/wiki/images",
		args:    cobra.RangeArgs(1, 2),
		run: func(ctx context.Context, w *operate.Wiki, show operate.Printer, args []string) error {
			return w.Import(ctx, args[0], append(args, "")[1], show)
		},
	},
}

func operations(options *doctor.Options) []*cobra.Command {
	commands := make([]*cobra.Command, 0, len(all))
	for _, o := range all {
		commands = append(commands, &cobra.Command{
			Use: o.use, Short: o.short, Long: o.long, Example: o.example, Args: o.args,
			RunE: func(cmd *cobra.Command, args []string) error {
				wiki, err := open(options)
				if err != nil {
					return err
				}
				return o.run(cmd.Context(), wiki, func(line string) { fmt.Fprintln(cmd.OutOrStdout(), line) }, args)
			},
		})
	}
	return commands
}

// open connects to the wiki that the command line names.
func open(options *doctor.Options) (*operate.Wiki, error) {
	if options.Namespace == "" {
		return nil, errors.New("no wiki is selected; add --namespace, such as --namespace mediawiki-rpi")
	}
	return operate.Open(options.Kubeconfig, options.Context, options.Namespace, options.Name)
}
