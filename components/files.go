package components

import (
	"embed"
	"io/fs"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

// embedded are programs and settings that are the same for every wiki. ConfigMaps bring them to containers.
//
//go:embed files
var embedded embed.FS

var files fs.FS = embedded

func mariadbFiles() pulumi.StringMap { return filesIn("files/mariadb") }
func varnishFiles() pulumi.StringMap { return filesIn("files/varnish") }
func webFiles() pulumi.StringMap     { return filesIn("files/mediawiki/web") }

// monitoringFile returns the text of a file. It panics on failure, as filesIn does.
func monitoringFile(name string) string {
	text, err := fs.ReadFile(files, "files/monitoring/"+name)
	if err != nil {
		panic(err)
	}
	return string(text)
}

// filesIn returns the embedded files of a folder. It panics on failure, which would be a bug: the files are compiled in.
func filesIn(folder string) pulumi.StringMap {
	found := pulumi.StringMap{}
	entries, err := fs.ReadDir(files, folder)
	if err != nil {
		panic(err)
	}
	for _, entry := range entries {
		text, err := fs.ReadFile(files, folder+"/"+entry.Name())
		if err != nil {
			panic(err)
		}
		found[entry.Name()] = pulumi.String(text)
	}
	return found
}
