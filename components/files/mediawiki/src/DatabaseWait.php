<?php
declare( strict_types=1 );

class DatabaseWait {
	/** MariaDB's errors for "access denied" and "unknown database". */
	private const DENIED = [ 1044, 1045, 1049, 1698 ];

	/**
	 * How many seconds to wait for a read-only database, before using it as it is. One of two databases is read-only after each start until
	 * it is certain that it is the primary: see replicate.sh.
	 */
	private const CLOSED = 180;

	/** MariaDB 12.1 and newer series say OFF or ON, older ones 0 or 1. */
	private const IS_CLOSED = "SELECT @@read_only NOT IN ( '0', 'OFF' )";

	/**
	 * Connects to the database, and retries while it starts. If it denies access, it may still be applying a new password: this is
	 * retried for MEDIAWIKI_REFUSED_FOR seconds.
	 */
	public static function connect( int $seconds = 1200 ): mysqli {
		$began = time();
		for ( $last = ''; ; sleep( 1 ) ) {
			try {
				$connection = Database::connect();
				if ( !$connection->query( self::IS_CLOSED )->fetch_column() || time() - $began > min( $seconds, self::CLOSED ) ) {
					return $connection;
				}
				$reason = 'it is read-only';
			} catch ( mysqli_sql_exception $e ) {
				$reason = $e->getMessage();
				$timeout = in_array( $e->getCode(), self::DENIED, true ) ? (int)getenv( 'MEDIAWIKI_REFUSED_FOR' ) : $seconds;
				if ( time() - $began > $timeout ) {
					throw new PermanentFailure( "cannot connect to the database: $reason" );
				}
			}
			if ( $reason !== $last ) {
				$last = $reason;
				Console::say( "waiting for the database: $last" );
			}
		}
	}
}
