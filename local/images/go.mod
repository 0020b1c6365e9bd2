module mediawiki-stack/local/images

go 1.26.0
