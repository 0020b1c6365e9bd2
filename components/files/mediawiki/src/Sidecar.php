<?php
declare( strict_types=1 );

/** A container of the same Pod that runs commands. One pipe carries requests and one carries answers, a line each. */
class Sidecar {
	/** @param string $name of the container, and of the folder of its pipes below /run */
	protected function __construct( private readonly string $name ) {
	}

	/** @throws PermanentFailure if the request fails, or the container ends during it */
	protected function ask( string ...$request ): void {
		if ( preg_grep( '/\s/', $request ) ) {
			throw new PermanentFailure( 'a request must have no spaces in its words: ' . implode( ' ', $request ) );
		}
		$pipes = "/run/$this->name";
		for ( $tries = 0; @filetype( "$pipes/requests" ) !== 'fifo'; $tries++ ) {
			if ( $tries === 3000 ) {
				throw new PermanentFailure( "container \"$this->name\" does not start" );
			}
			usleep( 100_000 );
			clearstatcache();
		}
		// Open the answers first: then reading ends if the container ends.
		$answers = fopen( "$pipes/answers", 'r' );
		fwrite( fopen( "$pipes/requests", 'w' ), implode( ' ', $request ) . "\n" );
		$answer = fgets( $answers );
		if ( $answer !== "ok\n" ) {
			$asked = implode( ' ', array_slice( $request, 0, 2 ) );
			throw new PermanentFailure( "$asked: " . trim( $answer ?: "container \"$this->name\" ended during the request" ) );
		}
	}
}
