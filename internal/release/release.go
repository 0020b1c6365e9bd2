// Package release knows which release of this project a program was built from.
package release

import (
	"runtime/debug"
	"strings"
)

// Version returns the version of the module that the running program was built from: the tag of the commit, such as "v1.2.3", or a
// pseudo-version of a commit without a tag. The go command writes it into the program. It is "(devel)" for a build outside of a repository.
func Version() string {
	if info, ok := debug.ReadBuildInfo(); ok && info.Main.Version != "" {
		return info.Main.Version
	}
	return "(devel)"
}

// Semantic returns Version as a semantic version without its v, for Pulumi. It is "0.0.0" if the version is not known.
func Semantic() string {
	if version, found := strings.CutPrefix(Version(), "v"); found {
		return version
	}
	return "0.0.0"
}
