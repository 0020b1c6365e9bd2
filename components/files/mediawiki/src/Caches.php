<?php
declare( strict_types=1 );

/** The caches of the wiki, which keep stale data until they are told to drop it. */
class Caches {
	/**
	 * Purges all pages from every Varnish Pod. A Pod that does not answer is noted, and emptied by the job runner as soon as it does: see
	 * web/OutdatedCaches.php.
	 */
	public static function purgePages( Notes $notes ): void {
		$context = stream_context_create( [ 'http' => [ 'method' => 'BAN', 'timeout' => 5 ] ] );
		foreach ( Settings::read()['caches'] as $address ) {
			if ( @file_get_contents( "http://$address/", false, $context ) === false ) {
				Console::say( "the cache at $address does not answer, and will be emptied when it does: " . Console::lastError() );
				$notes->set( Notes::CACHE . $address, 'missed' );
			}
		}
	}

	/**
	 * Flushes memcached, whose objects describe the database that has just been replaced. It fails if memcached runs and refuses. A
	 * memcached that cannot be reached for half a minute is noted, and flushed by the job runner as soon as it can be.
	 */
	public static function flushObjects( Notes $notes ): void {
		$address = Settings::read()['objectCache'];
		for ( $tries = 1; !( $stream = @stream_socket_client( "tcp://$address", $code, $error, 2 ) ); $tries++ ) {
			if ( $tries === 15 ) {
				Console::say( "cannot reach memcached at $address, which will be emptied when it can be: $error" );
				$notes->set( Notes::CACHE . $address, 'missed' );
				return;
			}
			sleep( 2 );
		}
		stream_set_timeout( $stream, 10 );
		@fwrite( $stream, "flush_all\r\n" );
		$answer = fgets( $stream );
		fclose( $stream );
		if ( $answer !== "OK\r\n" ) {
			throw new PermanentFailure( "memcached at $address does not flush its objects: " . var_export( $answer, true ) );
		}
	}
}
