package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"slices"
	"strings"
	"syscall"

	"golang.org/x/mod/modfile"
)

const modulePath = "github.com/mediawiki-stack/mediawiki-stack/local/toolchain"

const usage = `Builds the programs that the embedded default runs on, from Go modules, into the user's cache.

Usage, anywhere in the checkout:
  go -C local/toolchain tool toolchain build [NAME…]   build what is missing of the named tools or groups (default: up)
  go -C local/toolchain tool toolchain env [NAME…]     the same, then print shell lines that put them to use:
                                                       eval "$(go -C local/toolchain tool toolchain env)"

Groups and tools:
%s
A pulumi on the PATH at or above the version above, with a pulumi-language-go beside it or on the PATH, is used instead of building
the two; so is a kubernetes plugin of exactly that version in PULUMI_HOME (default ~/.pulumi).
Builds are kept in $XDG_CACHE_HOME/mediawiki-stack/toolchain (default ~/.cache/…), which may be deleted at any time.
`

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := run(ctx, os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "toolchain: "+err.Error())
		os.Exit(1) //nolint:gocritic // stop only unregisters the signals
	}
}

func run(ctx context.Context, args []string) error {
	src, err := sourceFolder()
	if err != nil {
		return err
	}
	all := make([]pinned, len(catalog))
	for i, t := range catalog {
		if all[i], err = pin(src, t); err != nil {
			return err
		}
	}
	if len(args) == 0 || slices.Contains(args, "--help") || slices.Contains(args, "-h") || args[0] == "help" {
		fmt.Printf(usage, describe(all))
		return nil
	}
	if args[0] != "build" && args[0] != "env" {
		return fmt.Errorf("unknown command %q: the commands are build and env, see --help", args[0])
	}
	wanted, err := choose(all, args[1:])
	if err != nil {
		return err
	}
	s, err := openStore(all)
	if err != nil {
		return err
	}
	b := builder{src: src, store: s, out: os.Stderr}
	b.compile = b.goBuild
	built, err := b.ready(ctx, wanted)
	if err != nil {
		return err
	}
	if args[0] == "env" {
		fmt.Print(s.exports(all))
		return nil
	}
	fmt.Fprintf(os.Stderr, "toolchain: %d tools ready, %d of them built now, in %s\n", len(wanted), built, s.bin())
	return nil
}

// sourceFolder finds the folder of this module from the working folder up; `go -C … tool` starts programs there.
func sourceFolder() (string, error) {
	dir, err := os.Getwd()
	if err != nil {
		return "", err
	}
	for {
		data, err := os.ReadFile(filepath.Join(dir, "go.mod"))
		if err == nil && modfile.ModulePath(data) == modulePath {
			return dir, nil
		}
		parent := filepath.Dir(dir)
		if parent == dir {
			return "", errors.New("not in local/toolchain: start it as `go -C local/toolchain tool toolchain` from the checkout")
		}
		dir = parent
	}
}

// choose picks tools by name or group; without names, those of group up.
func choose(all []pinned, names []string) ([]pinned, error) {
	if len(names) == 0 {
		names = []string{string(groupUp)}
	}
	var chosen []pinned
	for _, p := range all {
		if slices.Contains(names, p.name) || slices.Contains(names, string(p.group)) {
			chosen = append(chosen, p)
		}
	}
	for _, name := range names {
		known := func(p pinned) bool { return p.name == name || string(p.group) == name }
		if !slices.ContainsFunc(all, known) {
			return nil, fmt.Errorf("no tool or group is named %q; there are:\n%s", name, describe(all))
		}
	}
	return chosen, nil
}

// describe lists the tools, a line for each.
func describe(all []pinned) string {
	var b strings.Builder
	for _, p := range all {
		fmt.Fprintf(&b, "  %-6s%s\n", p.group, p)
	}
	return b.String()
}
