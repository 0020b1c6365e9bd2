<?php
// The caches in front of the wiki, which keep pages until they are told that these have changed.
declare( strict_types=1 );

/** Has them forget all pages. A cache that does not answer has none, or is on its way to none: it keeps nothing longer than an hour. */
function forgetCopies(): void {
	$settings = json_decode( file_get_contents( __DIR__ . '/wiki.json' ), true, 16, JSON_THROW_ON_ERROR );
	$context = stream_context_create( [ 'http' => [ 'method' => 'BAN', 'timeout' => 5 ] ] );
	foreach ( $settings['caches'] as $address ) {
		if ( @file_get_contents( "http://$address/", false, $context ) === false ) {
			say( "the cache at $address does not answer: " . lastError() );
		}
	}
}
