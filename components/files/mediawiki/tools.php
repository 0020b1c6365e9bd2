<?php
// MariaDB's own programs, which are in another image than PHP: tools.sh runs them in a container of the same Pod.
declare( strict_types=1 );

class Tools {
	private const PIPES = '/run/tools';
	private const ROWS = '/tmp/rows';

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

	/**
	 * Loads a dump where it does no harm.
	 *
	 * @return array<string, int> number of rows by table
	 */
	public function prove( string $file ): array {
		$this->ask( 'prove', $file, self::ROWS );
		return self::rows( self::ROWS );
	}

	/**
	 * Makes of a dump from elsewhere one as dump() makes it.
	 *
	 * @param string[] $without tables whose rows are left out
	 */
	public function adopt( string $dump, string $file, array $without = [] ): void {
		$this->ask( 'adopt', $dump, $file, NOTES, ...$without );
	}

	/**
	 * Reads and deletes what dump() and adopt() write beside a file.
	 *
	 * @return array<string, int> number of rows by table
	 */
	public static function rows( string $file ): array {
		$rows = [];
		foreach ( file( $file, FILE_IGNORE_NEW_LINES ) as $line ) {
			[ $table, $count ] = explode( ' ', $line );
			$rows[$table] = (int)$count;
		}
		unlink( $file );
		ksort( $rows );
		return $rows;
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
