package main

import (
	"errors"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/mediawiki-stack/mediawiki-stack/internal/doctor"
)

const aboutDoctor = `Checks the cluster and, with --namespace or --pulumi, the wiki on it. For each problem it prints why it matters
and how to fix it. It changes nothing.

  ok       as it should be
  warning  nothing is broken yet, or the check is impossible
  failure  broken

Exit status: 0 if nothing is broken, even if there are warnings; 1 if something is, or if no cluster answers; 2 if the command line is
not valid.`

// errBroken sets the exit status. The findings are on stdout already.
var errBroken = errors.New("something is broken")

func doctorCommand(options *doctor.Options) *cobra.Command {
	var asJSON bool
	var pulumi string
	command := &cobra.Command{
		Use: "doctor", Short: "Check the cluster and the wiki, and print how to fix each problem", Long: aboutDoctor,
		Args:    cobra.NoArgs,
		Example: "  wiki doctor\n  wiki doctor --pulumi \"pulumi -s rpi\"\n  wiki -n mediawiki-rpi doctor --json",
		RunE: func(cmd *cobra.Command, _ []string) error {
			options.Pulumi = strings.Fields(pulumi)
			options.Progress = func(line string) { fmt.Fprintln(cmd.ErrOrStderr(), line) }
			found := doctor.Examine(cmd.Context(), *options)
			if asJSON {
				if err := doctor.WriteJSON(cmd.OutOrStdout(), found); err != nil {
					return err
				}
			} else {
				doctor.WriteText(cmd.OutOrStdout(), found)
			}
			if doctor.ExitStatus(found) != 0 {
				return errBroken
			}
			return nil
		},
	}
	command.Flags().BoolVar(&asJSON, "json", false, "print an array of findings: level, about, what, why, fix, details")
	command.Flags().StringVar(&pulumi, "pulumi", "", `command that runs pulumi for the wiki's stack, such as "pulumi -s rpi"; it provides
the wiki's namespace, and the cluster is compared with the stack`)
	return command
}
