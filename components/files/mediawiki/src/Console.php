<?php
declare( strict_types=1 );

/** What a program prints, and how it ends. */
class Console {
	/** Runs a program. If it fails, prints the reason after $prefix and ends with status 1. */
	public static function run( string $prefix, callable $program ): void {
		try {
			$program();
		} catch ( PermanentFailure $e ) {
			self::fail( $prefix . $e->getMessage() );
		} catch ( mysqli_sql_exception $e ) {
			self::fail( $prefix . 'database error: ' . $e->getMessage() );
		}
	}

	/** Prints a line with the time. */
	public static function say( string $text ): void {
		echo gmdate( 'H:i:s' ), " $text\n";
	}

	/** Prints the reason and ends with status 1. Kubernetes keeps it as the termination message, which `pulumi up` prints. */
	public static function fail( string $reason ): never {
		self::say( "failed: $reason" );
		self::keepMessage( substr( $reason, 0, 4000 ) );
		exit( 1 );
	}

	/** Sets the container's termination message. */
	public static function keepMessage( string $message ): void {
		@file_put_contents( '/dev/termination-log', $message );
	}

	/** Returns PHP's message about the function call that has just failed. */
	public static function lastError(): string {
		return error_get_last()['message'] ?? 'unknown reason';
	}
}
