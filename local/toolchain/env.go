package main

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// exports are the shell lines that put the store's tools first on the PATH and keep Pulumi from looking for anything elsewhere.
// Running them twice changes nothing.
func (s store) exports(all []pinned) string {
	vars := [][2]string{
		{"PATH", strings.Join(append([]string{s.bin()}, s.foreignPath()...), string(filepath.ListSeparator))},
		{"PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION", "true"},
		{"PULUMI_SKIP_UPDATE_CHECK", "true"},
		{"GOFLAGS", withFlag(os.Getenv("GOFLAGS"), "-trimpath")},
	}
	for _, p := range all {
		if p.plugin != "" {
			vars = append(vars, [2]string{"PULUMI_HOME", s.folder(p)})
		}
	}
	var b strings.Builder
	for _, v := range vars {
		fmt.Fprintf(&b, "export %s=%s\n", v[0], shellQuote(v[1]))
	}
	return b.String()
}

// withFlag appends a flag to a list of flags that lacks it. With -trimpath all of the project's builds share one build cache.
func withFlag(flags, flag string) string {
	list := strings.Fields(flags)
	if !slices.Contains(list, flag) {
		list = append(list, flag)
	}
	return strings.Join(list, " ")
}

func shellQuote(s string) string {
	return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'"
}
