// Package release knows which release of this project a program was built from.
package release

import (
	"runtime/debug"
	"strings"
)

// version is set by the linker; see local/version.
var version string

// Version returns the version that the running program was built from: what local/dist wrote into it, such as "v1.2.3", or else the version
// that the go command knows, from the tag of the commit or of the module. It is "(devel)" if there is none.
func Version() string {
	if version != "" {
		return version
	}
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
