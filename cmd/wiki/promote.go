package main

import (
	"fmt"

	"github.com/spf13/cobra"

	"github.com/mediawiki-stack/mediawiki-stack/internal/doctor"
)

const aboutPromote = `Makes the replica of the wiki's database the primary, for a wiki with database.replicas: 2 whose database is lost with
its node, or whose node is about to be switched off. Edits fail until it is done.

The old primary is closed first: it accepts no more edits, even if its node was only cut off. If it cannot be reached, its node
must have been cut off for 40 seconds, after which it has closed itself. Then the replica must have every edit that was acknowledged.
If that is not certain, nothing is changed, unless --lose-edits is given. When the old primary runs again, it becomes the replica
and copies the database again; edits that only it had are kept in a file on its volume (docs/operating.md).

A promotion that was interrupted is completed by running it again. The next pulumi up keeps it.`

func promoteCommand(options *doctor.Options) *cobra.Command {
	var lose bool
	command := &cobra.Command{
		Use: "promote", Short: "Make the replica of the database the primary", Long: aboutPromote, Args: cobra.NoArgs,
		Example: "  wiki -n mediawiki-rpi promote\n  wiki -n mediawiki-rpi promote --lose-edits",
		RunE: func(cmd *cobra.Command, _ []string) error {
			wiki, err := open(options)
			if err != nil {
				return err
			}
			return wiki.Promote(cmd.Context(), lose, func(line string) { fmt.Fprintln(cmd.OutOrStdout(), line) })
		},
	}
	command.Flags().BoolVar(&lose, "lose-edits", false, "promote the replica even if it may lack edits that were acknowledged")
	return command
}
