// Package release knows which release of this project a program was built from.
package release

import (
	"regexp"
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
	revision := ""
	if info, ok := debug.ReadBuildInfo(); ok {
		for _, setting := range info.Settings {
			if setting.Key == "vcs.revision" {
				revision = setting.Value
			}
		}
	}
	return semantic(Version(), revision)
}

// pseudo matches the end of a version that the go command has made for a commit without a tag.
var pseudo = regexp.MustCompile(`[-.][0-9]{14}-[0-9a-f]{12}(\+dirty)?$`)

// semantic returns the version that Pulumi gives to a plugin that it has compiled from a repository. The plugin must report this version,
// because Pulumi looks for the plugin under it. For a commit without a tag it contains the whole hash, unlike the go command's version.
func semantic(version, revision string) string {
	number, found := strings.CutPrefix(version, "v")
	switch {
	case !found:
		return "0.0.0"
	case pseudo.MatchString(number) && revision != "":
		return "0.0.0-x" + revision
	}
	return number
}
