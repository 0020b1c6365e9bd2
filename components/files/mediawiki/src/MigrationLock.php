<?php
declare( strict_types=1 );

/** A named lock in MariaDB that only one migration, backup, restore or import holds. It ends with its connection. */
class MigrationLock {
	/** Waits for the lock. */
	public static function acquire( mysqli $database ): void {
		$database->query( 'SET SESSION wait_timeout = 86400' );
		for ( $waiting = false; $database->query( self::sql( 'GET_LOCK(%s, 5)' ) )->fetch_column() != 1; $waiting = true ) {
			if ( !$waiting ) {
				Console::say( 'waiting for another migration to end' );
			}
		}
	}

	/** @throws PermanentFailure if the connection no longer holds the lock */
	public static function assertHeld( mysqli $database ): void {
		if ( $database->query( self::sql( 'IS_USED_LOCK(%s) = CONNECTION_ID()' ) )->fetch_column() != 1 ) {
			throw new PermanentFailure( 'lost the migration lock; stopped' );
		}
	}

	private static function sql( string $call ): string {
		return 'SELECT ' . sprintf( $call, "CONCAT(DATABASE(), '.migration')" );
	}
}
