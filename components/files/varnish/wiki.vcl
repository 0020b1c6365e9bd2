# What Varnish caches. Readers without a session share cached pages; everything else is passed to the wiki.
# https://varnish-cache.org/docs/trunk/reference/vcl.html
vcl 4.1;

import std;

include "/etc/mediawiki-stack/settings.vcl";

sub vcl_recv {
	# Pods of the wiki send purge requests to a port that no Service for readers leads to.
	if (local.socket == "purge") {
		if (req.method == "PURGE") {
			call spell;
			return (purge);
		}
		if (req.method == "BAN") {
			# Without its generation no cached page is found, see vcl_hash.
			ban("obj.http.X-Generation ~ .");
			return (synth(200, "Forgotten"));
		}
		return (synth(405));
	}
	if (req.method == "PURGE" || req.method == "BAN") {
		return (synth(405));
	}
	if (req.restarts == 0) {
		call reader;
		unset req.http.X-Generation;
	}
	# Limits are for each reader.
	set client.identity = req.http.X-Forwarded-For;
	call spell;
	# Static files need no PHP and are the same for every reader.
	if (req.url !~ "^/(wiki)?(/|\?|$)" && req.url !~ "^[^?]*\.php(/|\?|$)") {
		set req.backend_hint = wiki_files;
		return (pass);
	}
	if (req.http.Cookie ~ "(session|Token|UserID|UserName|LoggedOut)=" || req.http.Authorization) {
		return (pass);
	}
	# Cache only pages at their own address, which the wiki purges when they change, and load.php, which sends their styles and scripts.
	if (req.url !~ "^/wiki/[^?]+$" && req.url !~ "^/load\.php\?") {
		if (req.url ~ "[?&](action|curid|diff|offset|oldid|search)=|^/(api|rest)\.php") {
			call costly;
		}
		return (pass);
	}
	unset req.http.Cookie;
	if (req.url ~ "^/load\.php") {
		call loader;
	}
}

# loader keeps the parameters that MediaWiki 1.39 to 1.45 reads, each with its last value as PHP does, in one order. Otherwise anybody could
# fill the cache with equal objects. https://www.mediawiki.org/wiki/ResourceLoader/Architecture
sub loader {
	set req.url = regsub(req.url, "\?", "?&");
	set req.url = regsuball(req.url, {"(?x)
		&(?!(debug|dir|format|image|lang|modules|only|printable|raw|safemode|skin|sourcemap|target|user|variant|version)([=&]|$))[^&]*
	"}, "");
	# Possessive quantifiers do not backtrack: backtracking over a list of modules of usual length would exceed the limit of PCRE.
	set req.url = regsuball(req.url, "&([a-z]++)(=[^&]*+)?+(?=(?:&(?!\1(?:[=&]|$))[^&]*+)*+&\1(?:[=&]|$))", "");
	set req.url = std.querysort(req.url);
}

# reader sets X-Forwarded-For to the reader's address alone: that of the connection, or the one that trusted proxies report. Each proxy
# appends the address of its own client, so the list is read from its end, as long as the address found so far is a trusted proxy's.
sub reader {
	std.collect(req.http.X-Forwarded-For);
	set req.http.X-Proxies = req.http.X-Forwarded-For;
	set req.http.X-Forwarded-For = client.ip;
	call controller;
	call hop;
	call hop;
	call hop;
	call hop;
	call hop;
	unset req.http.X-Proxies;
	unset req.http.X-Hop;
}

# hop goes back by one address in the list, if the address found so far is a trusted proxy's.
sub hop {
	if (std.ip(req.http.X-Forwarded-For, "0.0.0.0", resolve = false) ~ proxies) {
		call step;
	}
}

# step goes back by one address in the list. It ends the search at anything that is not an address.
sub step {
	if (req.http.X-Proxies) {
		set req.http.X-Hop = std.ip(regsub(req.http.X-Proxies, "^.*[, ]", ""), "0.0.0.0", resolve = false);
		set req.http.X-Proxies = regsub(req.http.X-Proxies, " *,?[^,]*$", "");
		if (req.http.X-Hop == "0.0.0.0") {
			unset req.http.X-Proxies;
		} else {
			set req.http.X-Forwarded-For = req.http.X-Hop;
		}
	}
}

# The wiki answers "/wiki/A?" like "/wiki/A".
sub spell {
	set req.url = regsub(req.url, "\?$", "");
}

# A page has a generation, which a purge deletes. A page that was being rendered while it changed is stored under the previous
# generation, so it is never found. Varnish's own purge deletes only what is already stored:
# https://varnish-cache.org/docs/trunk/users-guide/purging.html
sub vcl_hash {
	hash_data(req.url);
	if (req.http.X-Generation) {
		hash_data(req.http.X-Generation);
	}
	return (lookup);
}

sub vcl_hit {
	if (obj.http.X-Generation && !req.http.X-Generation) {
		set req.http.X-Generation = obj.http.X-Generation;
		return (restart);
	}
}

sub vcl_purge {
	return (synth(200, "Purged"));
}

sub vcl_backend_fetch {
	if (bereq.url ~ "^/wiki/" && !bereq.http.X-Generation && !bereq.uncacheable) {
		return (error(200, "Generation"));
	}
	# Use a new connection for each request, so that it may reach any Pod: kept connections would all lead to the same one.
	set bereq.http.Connection = "close";
}

sub vcl_backend_error {
	if (beresp.reason == "Generation") {
		set beresp.http.X-Generation = bereq.xid;
		set beresp.ttl = 30d;
		set beresp.grace = 0s;
		set beresp.storage = storage.generations;
		return (deliver);
	}
	# The Pod may have just ended. Nothing has been sent to the reader yet, and reading changes nothing.
	if (bereq.method ~ "^(GET|HEAD)$" && bereq.retries < 3) {
		return (retry);
	}
	if (bereq.is_bgfetch) {
		return (abandon); # there is a cached page
	}
	set beresp.http.Content-Type = "text/plain; charset=utf-8";
	set beresp.http.Retry-After = "5";
	synthetic("The wiki cannot be reached at the moment. Please try again in a few seconds.");
	return (deliver);
}

sub vcl_backend_response {
	# An error does not replace a cached page.
	if (beresp.status >= 500 && bereq.is_bgfetch) {
		return (abandon);
	}
	set beresp.storage = storage.pages;
	# Pages that the wiki lets caches keep for at most a minute must not be served stale.
	if (beresp.ttl > 60s) {
		set beresp.grace = 1d;
	} else {
		set beresp.grace = 0s;
	}
	# While web Pods are replaced, Pods of both revisions answer.
	if (beresp.http.X-Other) {
		if (beresp.ttl > 5s) {
			set beresp.ttl = 5s;
		}
		set beresp.grace = 0s;
	}
}

# A response that must not be kept leaves a mark, so that requests for it do not wait for each other. Each mark takes memory, so it expires
# soon, and has no grace, which would keep it for a day.
sub vcl_beresp_hitmiss {
	set beresp.ttl = 5s;
	set beresp.grace = 0s;
	set beresp.uncacheable = true;
	return (deliver);
}

sub vcl_deliver {
	if (resp.http.X-Generation && !req.http.X-Generation) {
		set req.http.X-Generation = resp.http.X-Generation;
		return (restart);
	}
	# The wiki purges no other caches, so these must not keep the page.
	if (resp.http.Cache-Control ~ "s-maxage" && req.url !~ "^/load\.php") {
		set resp.http.Cache-Control = "private, must-revalidate, max-age=0";
	}
	set resp.http.X-Cache = "miss";
	if (obj.hits > 0) {
		set resp.http.X-Cache = "hit";
	}
	unset resp.http.X-Revision;
	unset resp.http.X-Other;
	unset resp.http.Via;
	unset resp.http.X-Varnish;
	call close;
}

# close makes the client send its next request over a new connection. A proxy that reuses a connection at the moment in which this server
# closes it must not repeat a POST: the reader would get 502. Besides, the proxy's next request may reach another Pod.
sub close {
	if (client.ip ~ proxies || std.file_exists("/tmp/draining")) {
		set resp.http.Connection = "close";
	}
}

sub vcl_synth {
	call close;
	unset resp.http.X-Varnish;
	set resp.http.Content-Type = "text/plain; charset=utf-8";
	set resp.body = resp.reason;
	return (deliver);
}
