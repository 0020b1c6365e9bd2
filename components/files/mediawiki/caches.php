<?php
// The caches of the wiki, which keep what they have been told until they are told that it has changed.
declare( strict_types=1 );

/** Has the caches in front forget all pages. One that does not answer has none, or will have: it keeps nothing longer than an hour. */
function forgetCopies(): void {
	$context = stream_context_create( [ 'http' => [ 'method' => 'BAN', 'timeout' => 5 ] ] );
	foreach ( cacheSettings()['caches'] as $address ) {
		if ( @file_get_contents( "http://$address/", false, $context ) === false ) {
			say( "the cache at $address does not answer: " . lastError() );
		}
	}
}

/**
 * Has memcached forget all of the database that was there before. What it kept would be taken for true of the one that has come in its
 * place: so this fails if memcached is there and does not. One that cannot be reached for half a minute has lost its memory, or will have.
 */
function forgetObjects(): void {
	$address = cacheSettings()['objectCache'];
	for ( $tries = 1; !( $stream = @stream_socket_client( "tcp://$address", $code, $error, 2 ) ); $tries++ ) {
		if ( $tries === 15 ) {
			say( "memcached at $address cannot be reached: $error" );
			return;
		}
		sleep( 2 );
	}
	stream_set_timeout( $stream, 10 );
	fwrite( $stream, "flush_all\r\n" );
	$answer = fgets( $stream );
	fclose( $stream );
	if ( $answer !== "OK\r\n" ) {
		throw new Refusal( "memcached at $address does not forget: " . var_export( $answer, true ) );
	}
}

function cacheSettings(): array {
	return json_decode( file_get_contents( __DIR__ . '/wiki.json' ), true, 16, JSON_THROW_ON_ERROR );
}
