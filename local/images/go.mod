module github.com/mediawiki-stack/mediawiki-stack/local/images

go 1.26.0
