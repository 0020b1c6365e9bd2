package main

import (
	"fmt"
	"io"
	"os"
	"time"

	"github.com/spf13/cobra"
	"golang.org/x/term"

	"github.com/mediawiki-stack/mediawiki-stack/internal/doctor"
)

const aboutStatus = `Shows the wiki's Pods, requests, workers, caches, database, jobs, contents and backups on one screen. On a terminal it
is refreshed until Ctrl-C. Elsewhere it is printed once. The page cache is shown only if monitoring.enabled is true.`

// clearScreen moves a terminal's cursor to the top left and clears the rest: https://man7.org/linux/man-pages/man4/console_codes.4.html
const clearScreen = "\x1b[H\x1b[J"

func statusCommand(options *doctor.Options) *cobra.Command {
	var interval time.Duration
	command := &cobra.Command{
		Use: "status", Short: "Show the state of the wiki on one screen", Long: aboutStatus, Args: cobra.NoArgs,
		Example: "  wiki -n mediawiki-rpi status\n  wiki -n mediawiki-rpi status --interval 10s",
		RunE: func(cmd *cobra.Command, _ []string) error {
			wiki, err := open(options)
			if err != nil {
				return err
			}
			out, before := cmd.OutOrStdout(), clearScreen
			if !isTerminal(out) {
				interval, before = 0, ""
			}
			return wiki.Status(cmd.Context(), interval, func(screen string) { fmt.Fprint(out, before+screen) })
		},
	}
	command.Flags().DurationVar(&interval, "interval", 5*time.Second, "time between two refreshes on a terminal; 0 prints the screen once")
	return command
}

func isTerminal(out io.Writer) bool {
	file, ok := out.(*os.File)
	return ok && term.IsTerminal(int(file.Fd()))
}
