package main

import (
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"github.com/mediawiki-stack/mediawiki-stack/internal/doctor"
)

const aboutLogs = `Prints what all containers of the wiki have logged, in chronological order: time, part/Pod/container, text. PART
limits it to some parts: database, objectcache, migration, web, cache, jobs, backups. For a container that was restarted,
the log of its previous run is printed, too. At most the last 50,000 lines of each log are read.`

func logsCommand(options *doctor.Options) *cobra.Command {
	var since time.Duration
	command := &cobra.Command{
		Use: "logs [PART...]", Short: "Print what the parts of the wiki have logged, in chronological order", Long: aboutLogs,
		Example: "  wiki -n mediawiki-rpi logs --since 10m\n  wiki -n mediawiki-rpi logs web database",
		RunE: func(cmd *cobra.Command, args []string) error {
			wiki, err := open(options)
			if err != nil {
				return err
			}
			return wiki.Logs(cmd.Context(), since, args, func(line string) { fmt.Fprintln(cmd.OutOrStdout(), line) })
		},
	}
	command.Flags().DurationVar(&since, "since", time.Hour, "how far back, such as 90s, 30m or 2h")
	return command
}
