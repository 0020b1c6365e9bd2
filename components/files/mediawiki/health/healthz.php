<?php
// The health check of a web container: 200 if PHP works; with ?ready, if in addition the wiki can be read, that is, if its database
// answers and its caches are warm. Only readiness depends on the database, because restarting a container would not fix the
// database.
declare( strict_types=1 );
require dirname( __DIR__ ) . '/src/bootstrap.php';

// Keys in APCu, which lasts as long as the web server, as its cache of compiled code does.
const WARM = 'mediawiki-stack-warm';
const WARMING = 'mediawiki-stack-warming';

// Bytes. Varnish answers with an error instead of a page with a longer header.
const LONGEST_HEADER = 65000;

/** Returns what is missing; null if the container is ready. */
function missing(): ?string {
	try {
		Database::connect()->query( 'SELECT 1 FROM ' . Notes::TABLE . ' LIMIT 1' );
	} catch ( mysqli_sql_exception $e ) {
		return 'database: ' . $e->getMessage();
	}
	if ( apcu_exists( WARM ) ) {
		return null;
	}
	// On a small machine, a cold wiki takes longer than the kubelet's timeout: the first probe warms the caches, and later ones
	// fail until then.
	if ( !apcu_add( WARMING, true, 300 ) ) {
		return 'warming up';
	}
	ignore_user_abort( true );
	set_time_limit( 300 );
	$cold = warm();
	apcu_delete( WARMING );
	if ( $cold === null ) {
		apcu_store( WARM, true );
	}
	return $cold;
}

/** Requests the pages that every visit begins with, so that the first reader does not wait until code and messages are compiled. */
function warm(): ?string {
	$pages = [
		'/index.php', '/index.php?title=Special:UserLogin', '/index.php?title=Special:RecentChanges',
		'/load.php?modules=startup&only=scripts&raw=1', '/api.php?action=query&meta=siteinfo&format=json',
	];
	foreach ( $pages as $page ) {
		for ( $redirects = 0; $page !== null && $redirects < 3; $redirects++ ) {
			[ $status, $page, $longest ] = ask( $page );
			if ( !in_array( $status, [ 200, 301, 302, 303, 401, 403, 404 ], true ) ) { // 4xx: a private wiki, or one without its main page
				return "the wiki answers with $status";
			}
			if ( strlen( $longest ) > LONGEST_HEADER ) {
				return 'the header ' . strtok( $longest, ':' ) . ' of its pages has ' . strlen( $longest ) . ' bytes, and Varnish accepts '
					. LONGEST_HEADER . ': shorten it in extraSettings';
			}
		}
	}
	return null;
}

/** Requests a page of this container, and returns its status, where it redirects to, and its longest header. */
function ask( string $page ): array {
	$context = stream_context_create( [ 'http' => [
		'header' => 'Host: ' . preg_replace( '#^https?://#', '', (string)getenv( 'MEDIAWIKI_SERVER' ) ),
		'ignore_errors' => true, 'follow_location' => 0, 'timeout' => 120,
	] ] );
	if ( @file_get_contents( "http://127.0.0.1:8080$page", false, $context ) === false ) {
		return [ 0, null, '' ];
	}
	$target = null;
	$longest = '';
	foreach ( $http_response_header as $line ) {
		$longest = strlen( $line ) > strlen( $longest ) ? $line : $longest;
		if ( stripos( $line, 'Location:' ) === 0 ) {
			$url = parse_url( trim( substr( $line, 9 ) ) );
			$target = ( $url['path'] ?? '/' ) . ( isset( $url['query'] ) ? "?{$url['query']}" : '' );
		}
	}
	return [ (int)explode( ' ', $http_response_header[0] )[1], $target, $longest ];
}

header( 'Content-Type: text/plain' );
$missing = isset( $_GET['ready'] ) ? missing() : null;
http_response_code( $missing === null ? 200 : 503 );
echo $missing ?? 'ok', "\n";
