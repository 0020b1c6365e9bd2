// Command toolchain builds, from Go modules, the programs that the embedded default runs on and the linters: see its --help.
//
// Each tool has a module of its own below this folder (or is a program of local/cluster), so its versions are pinned by a go.mod and
// every byte it is built from is verified against a go.sum. A build is kept in the user's cache under a key made of all that decides
// what the binary is: the sources and pins of its module, the flags, the Go release and the platform. So a second run builds nothing,
// a changed pin builds one tool, and two checkouts with different pins do not disturb each other.
//
//	$XDG_CACHE_HOME/mediawiki-stack/toolchain/
//	    pulumi/KEY/pulumi                                       one folder per tool and key
//	    pulumi-resource-kubernetes/KEY/plugins/…                is a PULUMI_HOME
//	    bin/KEY/                                                what goes on the PATH: links, KEY stands for all tools' keys
//	    log/pulumi.log                                          what the last build of a tool said
package main
