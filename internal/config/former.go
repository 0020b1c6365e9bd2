package config

import (
	"fmt"
	"strings"
)

// file is the name of the stack's file.
func (r *Raw) file() string { return "Pulumi." + r.Stack + ".yaml" }

// lost describes a master secret that is missing although the stack has a wiki. A new one is not the remedy: it would change every
// password, and with it what copies of backups are encrypted with.
func lost(raw *Raw, random string) Problem {
	return Problem{
		Key: "masterSecret", Found: "missing, though this stack has a wiki, whose passwords are derived from it",
		Want: fmt.Sprintf("the stack's file, %s, as it was: it has this secret, and the salt that belongs to its passphrase", raw.file()),
		Fix: fmt.Sprintf("git checkout %s     (or take it from a backup)\n    or, if it is lost for good: %s\n"+
			"      which changes every password: users log in again, and copies of backups made until now cannot be read any more",
			raw.file(), random),
	}
}

// renamed describes a stack's file whose keys belong to the project under its former name: the engine hands them over, and nothing reads
// them. It returns nil if the file has the secret that every stack has under the name of now.
func renamed(raw *Raw) *Problem {
	if raw.Values[raw.Project+":masterSecret"] != "" {
		return nil
	}
	for full := range raw.Values {
		former, key, _ := strings.Cut(full, ":")
		if key != "masterSecret" || former == raw.Project {
			continue
		}
		keep := fmt.Sprintf("sed -i 's/^  %s:/  %s:/' %s", former, raw.Project, raw.file())
		if raw.Values[former+":namespace"] == "" { // the default follows the name of the project
			keep += fmt.Sprintf(" && pulumi config set namespace %s-%s", former, raw.Stack)
		}
		return &Problem{
			Key:   "masterSecret",
			Found: fmt.Sprintf("missing, because the keys in %s begin with %q, the former name of the project", raw.file(), former+":"),
			Want:  "the name that the keys begin with as name in Pulumi.yaml; keys of another project have no effect",
			Fix:   fmt.Sprintf("sed -i 's/^name: .*/name: %s/' Pulumi.yaml\n    or, to keep the new name and the wiki: %s", former, keep),
		}
	}
	return nil
}
