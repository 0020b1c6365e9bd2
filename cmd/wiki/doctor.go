package main

import (
	"errors"
	"strings"

	"github.com/spf13/cobra"

	"github.com/mediawiki-stack/mediawiki-stack/internal/doctor"
)

const aboutDoctor = `Looks at the cluster, and at the wiki on it if --namespace or --pulumi says which, and says of each thing how
it is; where that is not as it should be, also why it matters and what to type. It changes nothing.

  ok       as it should be
  warning  worth a thought: nothing is broken yet, or it cannot be told
  failure  broken

Exit status: 0 if nothing is broken, warnings allowed; 1 if something is, or if no cluster answers; 2 if it was not called correctly.`

// errBroken is said by the exit status alone: the findings are on stdout.
var errBroken = errors.New("something is broken")

func doctorCommand(options *doctor.Options) *cobra.Command {
	var asJSON bool
	var pulumi string
	command := &cobra.Command{
		Use: "doctor", Short: "Look at cluster and wiki, and say what to type where something is wrong", Long: aboutDoctor,
		Args:    cobra.NoArgs,
		Example: "  wiki doctor\n  wiki doctor --pulumi \"pulumi -s rpi\"\n  wiki doctor --namespace mediawiki-rpi --json",
		RunE: func(cmd *cobra.Command, _ []string) error {
			options.Pulumi = strings.Fields(pulumi)
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
	command.Flags().BoolVar(&asJSON, "json", false, "print an array of findings: level, about, what, why, type, details")
	command.Flags().StringVar(&pulumi, "pulumi", "", `command that runs pulumi for the wiki's stack, such as "pulumi -s rpi": it says where
the wiki is, and is compared with what there is`)
	return command
}
