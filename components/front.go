package components

import (
	"fmt"
	"regexp"
	"strings"

	"github.com/mediawiki-stack/mediawiki-stack/internal/addresses"
)

// Varnish, or Apache in a wiki without Varnish, redirects readers to the wiki's address. It redirects http to https only if a proxy reports
// http in X-Forwarded-Proto. Without this header, it assumes https, so that no redirect can loop.

// aliasPattern returns a regular expression for hosts whose readers are redirected, or "" if there is none.
func (args *MediaWikiStackArgs) aliasPattern() string {
	quoted := make([]string, len(args.Aliases))
	for i, alias := range args.Aliases {
		quoted[i] = regexp.QuoteMeta(alias)
	}
	return strings.Join(quoted, "|")
}

// frontVCL returns the VCL that redirects readers to the wiki's address and sends HSTS.
func (args *MediaWikiStackArgs) frontVCL() string {
	var when []string
	if addresses.IsHTTPS(args.SiteURL) {
		when = append(when, `req.http.X-Forwarded-Proto == "http"`)
	}
	if pattern := args.aliasPattern(); pattern != "" {
		when = append(when, fmt.Sprintf(`req.http.Host ~ "(?i)^(%s)(:[0-9]+)?$"`, pattern))
	}
	var vcl strings.Builder
	if site, err := addresses.ParseSiteURL(args.SiteURL); err == nil && len(when) > 0 {
		fmt.Fprintf(&vcl, `sub vcl_recv {
	if (local.socket == "readers" && (%s)) {
		return (synth(301, "%s"));
	}
}

sub vcl_synth {
	if (resp.status == 301) {
		set resp.http.Location = resp.reason + req.url;
		set resp.reason = "Moved Permanently";
	}
}

`, strings.Join(when, " || "), site)
	}
	if args.HSTS > 0 {
		for _, sub := range []string{"vcl_deliver", "vcl_synth"} {
			fmt.Fprintf(&vcl, `sub %s {
	if (req.http.X-Forwarded-Proto != "http") {
		set resp.http.Strict-Transport-Security = "max-age=%d";
	}
}

`, sub, args.HSTS)
		}
	}
	return vcl.String()
}

// frontApache returns the options with which Apache does the same in a wiki without Varnish.
func (args *MediaWikiStackArgs) frontApache() []string {
	var options []string
	if args.cached() {
		return nil
	}
	if pattern := args.aliasPattern(); pattern != "" {
		options = append(options, "-C", fmt.Sprintf(`Define ALIASES "%s"`, pattern))
	}
	if args.HSTS > 0 {
		options = append(options, "-C", fmt.Sprintf("Define HSTS %d", args.HSTS))
	}
	return options
}
