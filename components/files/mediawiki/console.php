<?php
// What the programs that Jobs run have in common: how they speak, fail, and hold what others may not touch.
declare( strict_types=1 );

/** Something that trying again does not mend. */
class Refusal extends RuntimeException {
}

/** Runs a program, and ends it with a reason if it fails. */
function run( string $failed, callable $program ): void {
	try {
		$program();
	} catch ( Refusal $e ) {
		fail( $failed . $e->getMessage() );
	} catch ( mysqli_sql_exception $e ) {
		fail( $failed . 'the database broke off: ' . $e->getMessage() );
	}
}

function say( string $text ): void {
	echo gmdate( 'H:i:s' ), " $text\n";
}

/** Ends with a reason, which Kubernetes keeps as the container's last words and `pulumi up` prints. */
function fail( string $reason ): never {
	say( "failed: $reason" );
	@file_put_contents( '/dev/termination-log', substr( $reason, 0, 4000 ) );
	exit( 1 );
}

/** Why a function of PHP's has just failed. */
function lastError(): string {
	return error_get_last()['message'] ?? 'no reason is known';
}
