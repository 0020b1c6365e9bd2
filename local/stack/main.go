package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"syscall"
)

const usage = `Runs pulumi for a stack on the embedded cluster. The checkout stays as it is: state, secrets and the generated stack file are
in $XDG_DATA_HOME/mediawiki-stack/stacks/CLUSTER/STACK (default ~/.local/share/…).

Usage, in the checkout, with the tools on the PATH (make does that: make pulumi STACK=local ARGS="preview --diff"):
  mediawiki-stack STACK COMMAND [ARGS…]     any pulumi command: up, preview, refresh, destroy, stack output url, config, …

  STACK     has a Pulumi.STACK.yaml in the checkout: local, recipe, rpi, …
  CLUSTER   environment variable, name of the embedded cluster (default mediawiki)

Plain settings are in the checkout's Pulumi.STACK.yaml, which "config set KEY VALUE" and "config rm KEY" change. Secrets are kept outside
the checkout; set one with: mediawiki-stack STACK config set --secret KEY
`

// stackName matches the names that pulumi allows for a stack.
var stackName = regexp.MustCompile(`^[a-zA-Z0-9_.-]+$`)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	err := run(ctx, os.Args[1:])
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "mediawiki-stack: "+err.Error())
		os.Exit(1)
	}
}

func run(ctx context.Context, args []string) error {
	if len(args) == 0 || args[0] == "--help" || args[0] == "-h" || args[0] == "help" {
		fmt.Print(usage)
		return nil
	}
	if len(args) < 2 {
		return errors.New("no pulumi command: type mediawiki-stack STACK COMMAND, see --help")
	}
	if !stackName.MatchString(args[0]) {
		return fmt.Errorf("stack %q: a name has letters, digits, and . _ - only", args[0])
	}
	s, err := openStack(args[0])
	if err != nil {
		return err
	}
	if err := s.refuse(args[1:]); err != nil {
		return fmt.Errorf("pulumi %s: %w", strings.Join(args[1:], " "), err)
	}
	if err := s.prepare(ctx, args[1]); err != nil {
		return fmt.Errorf("prepare stack %s: %w", s.name, err)
	}
	pulumi, err := exec.LookPath("pulumi")
	if err != nil {
		return fmt.Errorf(`%w: put the tools on the PATH with eval "$(local/tools env)"`, err)
	}
	if err := os.Chdir(s.folder); err != nil {
		return err
	}
	// Replace this process by pulumi, so that signals and the exit status are pulumi's own.
	return syscall.Exec(pulumi, append([]string{"pulumi"}, s.inCheckout(args[1:])...), s.env())
}

// inCheckout directs a command that changes a plain setting to the checkout's stack file. Each run writes the stack's own file again, and
// keeps only its secrets.
func (s *stack) inCheckout(command []string) []string {
	if len(command) < 3 || command[0] != "config" || command[1] != "set" && command[1] != "rm" || slices.Contains(command, "--secret") {
		return command
	}
	file := filepath.Join(s.checkout, stackFile(s.name))
	if command[1] == "rm" {
		var theirs stackConfig
		isSet := func(arg string) bool {
			key, _, _ := strings.Cut(strings.TrimPrefix(arg, "mediawiki:"), ".")
			return theirs.has(key) || theirs.has("mediawiki:"+key)
		}
		if readYAML(file, &theirs) != nil || !slices.ContainsFunc(command[2:], isSet) {
			return command
		}
	}
	return append(slices.Clone(command), "--config-file", file)
}

// checkout returns the project's folder: the working folder or one above it.
func checkout() (string, error) {
	dir, err := os.Getwd()
	if err != nil {
		return "", err
	}
	for {
		if _, err := os.Stat(filepath.Join(dir, projectFile)); err == nil {
			return dir, nil
		}
		parent := filepath.Dir(dir)
		if parent == dir {
			return "", fmt.Errorf("no %s here or above: start it in the checkout", projectFile)
		}
		dir = parent
	}
}
