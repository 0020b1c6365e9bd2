module github.com/mediawiki-stack/mediawiki-stack/local/stack

go 1.26.0

require (
	github.com/gofrs/flock v0.13.0
	gopkg.in/yaml.v3 v3.0.1
)

require (
	github.com/kr/text v0.2.0 // indirect
	github.com/rogpeppe/go-internal v1.16.0 // indirect
	golang.org/x/sys v0.47.0 // indirect
)
