package config

import (
	"fmt"
	"strings"
)

// Problem is one mistake in a stack's configuration.
type Problem struct {
	Key   string // without the project's name
	Found string // what the configuration has; empty if it has nothing
	Want  string // what it should have
	Fix   string // the command that fixes it
}

// Problems are all mistakes of a stack. They are an error.
type Problems struct {
	Project string
	List    []Problem
}

// Error returns three lines for each problem: the key and what was found, what is wanted, and the command that fixes it.
func (p *Problems) Error() string {
	var text strings.Builder
	noun := "problems"
	if len(p.List) == 1 {
		noun = "problem"
	}
	fmt.Fprintf(&text, "%d %s in the stack's configuration; nothing was changed.\n", len(p.List), noun)
	for _, problem := range p.List {
		fmt.Fprintf(&text, "\n  %s:%s", p.Project, problem.Key)
		if problem.Found != "" {
			fmt.Fprintf(&text, " is %s", problem.Found)
		}
		fmt.Fprintf(&text, "\n    want: %s\n    fix:  %s\n", problem.Want, problem.Fix)
	}
	return text.String()
}

// set returns the command that sets a key. A key with a dot or an index is a path.
func set(key, value string) string {
	return "pulumi config set " + pathFlag(key) + key + " " + value
}

func setSecret(key string) string {
	return "pulumi config set --secret " + pathFlag(key) + key
}

func remove(key string) string {
	return "pulumi config rm " + pathFlag(key) + key
}

func pathFlag(key string) string {
	if strings.ContainsAny(key, ".[") {
		return "--path "
	}
	return ""
}
