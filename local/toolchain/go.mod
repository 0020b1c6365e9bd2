module github.com/mediawiki-stack/mediawiki-stack/local/toolchain

go 1.26.0

tool github.com/mediawiki-stack/mediawiki-stack/local/toolchain

require golang.org/x/mod v0.42.0
