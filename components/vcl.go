package components

import (
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/mediawiki-stack/mediawiki-stack/internal/parts"
)

// settingsVCL returns the part of Varnish's configuration that differs from wiki to wiki: the backend's address; the image, settings and
// address that pages must be made from to be cached for longer than 5 seconds; and whether expensive requests of anonymous readers are
// limited.
func settingsVCL(args *MediaWikiStackArgs, backend, revision, url pulumi.StringOutput) pulumi.StringOutput {
	costly := "sub costly {\n}\n"
	if *args.Cache.Limits {
		costly = `backend wiki_costly {
	.host = "%[1]s";
	.port = "%[2]d";
	.connect_timeout = 2s;
	.first_byte_timeout = 120s;
	.max_connections = 2;
	.wait_limit = 20;
	.wait_timeout = 10s;
}

include "/etc/mediawiki-stack/limits.vcl";
`
	}
	return pulumi.Sprintf(`backend wiki {
	.host = "%[1]s";
	.port = "%[2]d";
	.connect_timeout = 2s;
	.first_byte_timeout = 120s;
}

# Each file that is being sent or waits takes memory and a thread. Most of both are for pages.
backend wiki_files {
	.host = "%[1]s";
	.port = "%[5]d";
	.connect_timeout = 2s;
	.first_byte_timeout = 60s;
	.max_connections = 32;
	.wait_limit = 16;
	.wait_timeout = 10s;
}

sub vcl_backend_response {
	if (beresp.http.X-Revision != "%[3]s %[4]s") {
		set beresp.http.X-Other = "true";
	}
}

`+costly, backend, parts.WikiPort, revision, url, parts.FilesPort)
}
