// Command pulumi-resource-mediawiki is the plugin that gives MediaWikiStack to Pulumi programs in other languages. It is the plugin that
// Pulumi compiles from the folder of the program (see PulumiPlugin.yaml), without the program.
package main

import (
	"fmt"
	"os"

	"github.com/mediawiki-stack/mediawiki-stack/internal/plugin"
)

func main() {
	if !plugin.Requested() {
		fmt.Fprintln(os.Stderr, "pulumi-resource-mediawiki: Pulumi starts this plugin itself; to use it in a project, type: "+
			"pulumi package add", os.Args[0])
		os.Exit(2)
	}
	os.Exit(plugin.Main())
}
