<?php
// A program in a container of the same Pod does what it is asked: through two pipes, one for requests and one for answers, a line each.
declare( strict_types=1 );

class Sidecar {
	/** @param string $name of the container, and of the folder of its pipes */
	protected function __construct( private readonly string $name ) {
	}

	/** @throws Refusal if the request fails, or its container ends under it */
	protected function ask( string ...$request ): void {
		$pipes = "/run/$this->name";
		for ( $tries = 0; @filetype( "$pipes/requests" ) !== 'fifo'; $tries++ ) {
			if ( $tries === 3000 ) {
				throw new Refusal( "the container \"$this->name\" does not start" );
			}
			usleep( 100_000 );
			clearstatcache();
		}
		// In this order: it ends the reading if the other side goes.
		$answers = fopen( "$pipes/answers", 'r' );
		fwrite( fopen( "$pipes/requests", 'w' ), implode( ' ', $request ) . "\n" );
		$answer = fgets( $answers );
		if ( $answer !== "ok\n" ) {
			$asked = implode( ' ', array_slice( $request, 0, 2 ) );
			throw new Refusal( "$asked: " . trim( $answer ?: "the container \"$this->name\" ended under it" ) );
		}
	}
}
