package components

import (
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"io/fs"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

// files are what containers find in ConfigMaps: programs and settings that are the same for every wiki.
//
//go:embed files
var files embed.FS

func mariadbFiles() pulumi.StringMap   { return filesIn("files/mariadb") }
func varnishFiles() pulumi.StringMap   { return filesIn("files/varnish") }
func mediawikiFiles() pulumi.StringMap { return filesIn("files/mediawiki") }

// filesIn reads a folder of files. That it can is settled when the program is compiled.
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

// shortHash tells texts apart by ten letters and digits.
func shortHash(texts ...string) string {
	hash := sha256.New()
	for _, text := range texts {
		length := sha256.Sum256([]byte(text)) // so that no two lists of texts run together
		hash.Write(length[:])
	}
	return hex.EncodeToString(hash.Sum(nil))[:10]
}
