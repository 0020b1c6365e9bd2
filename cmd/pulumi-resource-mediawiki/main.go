// Command pulumi-resource-mediawiki is the plugin that gives MediaWikiStack to Pulumi programs in other languages. Pulumi can also
// compile the same plugin from the folder of the program (see PulumiPlugin.yaml); this command contains the plugin without the program.
package main

import (
	"fmt"
	"os"

	"github.com/mediawiki-stack/mediawiki-stack/internal/plugin"
	"github.com/mediawiki-stack/mediawiki-stack/internal/release"
)

func main() {
	if !plugin.Requested() {
		version := release.Semantic()
		fmt.Fprintf(os.Stderr, "pulumi-resource-mediawiki: Pulumi starts this plugin itself; to use it in a project, run there:\n\n"+
			"pulumi plugin install resource mediawiki %s --file %s\npulumi package add mediawiki@%s\n", version, os.Args[0], version)
		os.Exit(2)
	}
	os.Exit(plugin.Main())
}
