<?php
declare( strict_types=1 );

/** What a program prints, and how it ends. */
class Console {
	/**
	 * Runs a program. If it fails, prints the reason after $prefix and ends with status 1. A warning of PHP is a failure, unless @
	 * suppresses it: nothing continues with a value that could not be read.
	 */
	public static function run( string $prefix, callable $program ): void {
		set_error_handler( static function ( int $level, string $message, string $file, int $line ): bool {
			if ( error_reporting() & $level ) {
				throw new ErrorException( $message, 0, $level, $file, $line );
			}
			return false;
		}, E_WARNING | E_NOTICE );
		try {
			$program();
		} catch ( Throwable $e ) {
			self::fail( $prefix . self::reason( $e ) );
		} finally {
			restore_error_handler();
		}
	}

	/** Returns what the user reads about a failure. If no program expects it, its trace goes to the log. */
	public static function reason( Throwable $e ): string {
		if ( $e instanceof PermanentFailure ) {
			return $e->getMessage();
		}
		if ( $e instanceof mysqli_sql_exception ) {
			return 'database error: ' . $e->getMessage();
		}
		foreach ( explode( "\n", (string)$e ) as $line ) {
			self::detail( $line );
		}
		return $e->getMessage() . ' (' . basename( $e->getFile() ) . ":{$e->getLine()}). This failure is not expected: please report it as "
			. 'a fault of mediawiki-stack, with the output of kubectl logs ' . gethostname() . ' --all-containers';
	}

	/** Prints a line with the time. */
	public static function say( string $text ): void {
		echo gmdate( 'H:i:s' ), " $text\n";
	}

	/** Prints a line for the log only: internal/operate does not show lines that begin with two spaces. */
	public static function detail( string $line ): void {
		echo '  ', rtrim( $line ), "\n";
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
