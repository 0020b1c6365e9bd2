# Serves Varnish's counters to Prometheus. The image has no web server, but every Debian contains as much of Perl as this needs.
# https://varnish-cache.org/docs/7.7/reference/varnish-counters.html
use strict;
use warnings;
use IO::Socket::IP;

my ( $port, $instance ) = @ARGV;
my $lookups = 'Results of cache lookups. A pass is not looked up.';
my $storages = 'Memory of the storages.';
# Counters, each with its metric, type, labels and help. The counters of one metric follow each other.
my @metrics = (
	[ 'MAIN.uptime', 'cache_uptime_seconds', 'gauge', '', 'Time since Varnish has started.' ],
	[ 'MAIN.client_req', 'cache_requests_total', 'counter', '', 'Requests of readers.' ],
	[ 'MAIN.cache_hit', 'cache_lookups_total', 'counter', 'result="hit"', $lookups ],
	[ 'MAIN.cache_miss', 'cache_lookups_total', 'counter', 'result="miss"', $lookups ],
	[ 'MAIN.cache_hitmiss', 'cache_lookups_total', 'counter', 'result="hit-for-miss"', $lookups ],
	[ 'MAIN.s_pass', 'cache_lookups_total', 'counter', 'result="pass"', $lookups ],
	[ 'MAIN.s_synth', 'cache_synthetic_total', 'counter', '', 'Answers that Varnish made itself: redirects, errors, limits.' ],
	[ 'MAIN.backend_fail', 'cache_backend_failures_total', 'counter', '', 'Connections to web Pods that failed.' ],
	[ 'MAIN.n_object', 'cache_objects', 'gauge', '', 'Objects in the cache.' ],
	[ 'MAIN.n_lru_nuked', 'cache_evictions_total', 'counter', '', 'Objects that made room for others.' ],
	[ 'MAIN.n_purges', 'cache_purges_total', 'counter', '', 'Purge requests.' ],
	[ 'MAIN.threads', 'cache_threads', 'gauge', '', 'Threads.' ],
	[ 'MAIN.threads_limited', 'cache_threads_limited_total', 'counter', '', 'Times that no further thread was allowed.' ],
	[ 'MAIN.sess_dropped', 'cache_connections_dropped_total', 'counter', '', 'Connections that were dropped for want of threads.' ],
	map {
		[ "SMA.$_.g_bytes", 'cache_memory_bytes', 'gauge', qq(storage="\L$_\E",state="used"), $storages ],
		[ "SMA.$_.g_space", 'cache_memory_bytes', 'gauge', qq(storage="\L$_\E",state="free"), $storages ]
	} qw(pages generations Transient)
);

sub metrics {
	open my $stats, '-|', 'varnishstat', '-1', '-n', $instance or return '';
	my %values = map { /^(\S+)\s+(\d+)/ } <$stats>;
	close $stats;
	my $up = exists $values{'MAIN.uptime'} ? 1 : 0;
	my $text = "# HELP mediawiki_cache_up Whether Varnish runs.\n# TYPE mediawiki_cache_up gauge\nmediawiki_cache_up $up\n";
	my $last = '';
	for (@metrics) {
		my ( $counter, $name, $type, $labels, $help ) = @$_;
		next unless exists $values{$counter};
		$text .= "# HELP mediawiki_$name $help\n# TYPE mediawiki_$name $type\n" unless $name eq $last;
		$text .= "mediawiki_$name" . ( $labels && "{$labels}" ) . " $values{$counter}\n";
		$last = $name;
	}
	return $text;
}

$SIG{TERM} = sub { exit };
$SIG{PIPE} = 'IGNORE';
my %listen = ( LocalPort => $port, Listen => 5, ReuseAddr => 1 );
my $server = IO::Socket::IP->new( LocalHost => '::', V6Only => 0, %listen ) || IO::Socket::IP->new( LocalHost => '0.0.0.0', %listen )
	or die "port $port: $@\n";
while ( my $client = $server->accept // next ) {
	# One client at a time, and each for at most two seconds.
	eval {
		local $SIG{ALRM} = sub { die "timeout\n" };
		alarm 2;
		my $request = <$client> // '';
		while ( defined( my $line = <$client> ) ) { last if $line =~ /^\r?$/ }
		my ( $status, $body ) = $request =~ m{^GET /metrics[ ?]} ? ( '200 OK', metrics() ) : ( '404 Not Found', "see /metrics\n" );
		print $client "HTTP/1.1 $status\r\nContent-Type: text/plain; version=0.0.4\r\nContent-Length: " . length($body)
			. "\r\nConnection: close\r\n\r\n$body";
	};
	alarm 0;
	close $client;
}
