<?php
declare( strict_types=1 );

/** How far the second of two databases is behind the first one. */
class ReplicaMetrics {
	/** @param string $host of the replica; empty if there is none */
	public static function add( Exposition $out, string $host ): void {
		if ( $host === '' ) {
			return;
		}
		$lag = null;
		try {
			$status = Database::connect( 'database', $host )->query( 'SHOW SLAVE STATUS' )->fetch_assoc();
			$lag = $status['Seconds_Behind_Master'] ?? null;
		} catch ( mysqli_sql_exception $e ) {
			error_log( "metrics: replica: {$e->getMessage()}" );
		}
		$out->gauge( 'mediawiki_database_replica_up', 'Whether the second database answers and replicates the first one.',
			$lag === null ? 0 : 1 );
		if ( $lag !== null ) {
			$out->gauge( 'mediawiki_database_replica_lag_seconds', 'How far the second database is behind the first one.', (int)$lag );
		}
	}
}
