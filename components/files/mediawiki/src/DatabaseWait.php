<?php
declare( strict_types=1 );

class DatabaseWait {
	/** MariaDB's errors for "access denied" and "unknown database". */
	private const DENIED = [ 1044, 1045, 1049, 1698 ];

	/**
	 * Connects to the database, and retries while it starts. If it denies access, it may still be applying a new password: this is
	 * retried for MEDIAWIKI_REFUSED_FOR seconds.
	 */
	public static function connect( int $seconds = 1200 ): mysqli {
		$began = time();
		for ( $last = ''; ; sleep( 1 ) ) {
			try {
				return Database::connect();
			} catch ( mysqli_sql_exception $e ) {
				$timeout = in_array( $e->getCode(), self::DENIED, true ) ? (int)getenv( 'MEDIAWIKI_REFUSED_FOR' ) : $seconds;
				if ( time() - $began > $timeout ) {
					throw new PermanentFailure( 'cannot connect to the database: ' . $e->getMessage() );
				}
				if ( $e->getMessage() !== $last ) {
					$last = $e->getMessage();
					Console::say( "waiting for the database: $last" );
				}
			}
		}
	}
}
