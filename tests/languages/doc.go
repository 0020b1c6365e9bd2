// Package languages previews and deploys the example of each language as its user would. Pulumi compiles the plugin from this checkout. It
// needs a cluster of its own and the language hosts: make test-languages.
package languages
