<?php
// MariaDB's own programs, which are in another image than PHP: tools.sh runs them in a container of the same Pod.
declare( strict_types=1 );

class Tools {
	private const PIPES = '/run/tools';

	/**
	 * Writes the database into a file, as it is at one moment, but for the notes: they are of the database that a dump is loaded into.
	 *
	 * @param string[] $without tables whose rows are left out
	 */
	public function dump( string $file, array $without = [] ): void {
		$this->ask( 'dump', $file, NOTES, ...$without );
	}

	/** Runs what dump() has written. */
	public function load( string $file ): void {
		$this->ask( 'load', $file );
	}

	/** Fails if a dump's end is not there. */
	public function check( string $file ): void {
		$this->ask( 'check', $file );
	}

	/** @throws Refusal if the request fails, or its container ends under it */
	private function ask( string ...$request ): void {
		for ( $tries = 0; @filetype( self::PIPES . '/requests' ) !== 'fifo'; $tries++ ) {
			if ( $tries === 3000 ) {
				throw new Refusal( 'the container "tools" does not start' );
			}
			usleep( 100_000 );
			clearstatcache();
		}
		// In this order: it ends the reading if the other side goes.
		$answers = fopen( self::PIPES . '/answers', 'r' );
		fwrite( fopen( self::PIPES . '/requests', 'w' ), implode( ' ', $request ) . "\n" );
		$answer = fgets( $answers );
		if ( $answer !== "ok\n" ) {
			throw new Refusal( "$request[0] $request[1]: " . trim( $answer ?: 'the container "tools" ended under it' ) );
		}
	}
}
