<?php
declare( strict_types=1 );

/** Metrics of the database, and of the wiki as the database describes it. Every statement takes milliseconds, however large the wiki is. */
class DatabaseMetrics {
	/** How many jobs are counted at most. A longer queue is just as bad. */
	private const JOBS = 10_000;

	/** How often MediaWiki tries a job: $wgJobTypeConf, maxTries. */
	private const TRIES = 3;

	public function __construct( private readonly mysqli $database, private readonly Exposition $out ) {
	}

	public function add( string $revision ): void {
		$this->server();
		$this->jobs();
		$this->contents();
		$this->notes( $revision );
	}

	/** https://mariadb.com/docs/server/ha-and-performance/optimization-and-tuning/system-variables/server-status-variables */
	private function server(): void {
		$names = "'Threads_connected', 'Threads_running', 'Queries', 'Slow_queries', 'Uptime', 'Innodb_buffer_pool_bytes_data', "
			. "'Innodb_buffer_pool_reads', 'Innodb_buffer_pool_read_requests', 'Rpl_semi_sync_master_status'";
		$status = $this->pairs( "SHOW GLOBAL STATUS WHERE Variable_name IN ($names)" );
		[ $connections, $pool ] = $this->database->query( 'SELECT @@max_connections, @@innodb_buffer_pool_size' )->fetch_row();
		// This query takes as long as all others together, so its result is kept for five minutes.
		$sql = 'SELECT SUM(data_length + index_length) FROM information_schema.tables WHERE table_schema = DATABASE()';
		$size = apcu_entry( 'mediawiki-stack-database-size', fn () => $this->database->query( $sql )->fetch_column(), 300 );
		$this->out->gauge( 'mediawiki_database_uptime_seconds', 'Time since the database has started.', (int)$status['Uptime'] );
		$this->out->gauge( 'mediawiki_database_connections', 'Connections to the database.', (int)$status['Threads_connected'] );
		$this->out->gauge( 'mediawiki_database_connections_running', 'Connections that run a statement.', (int)$status['Threads_running'] );
		$this->out->gauge( 'mediawiki_database_connections_limit', 'Connections that it allows.', (int)$connections );
		$this->out->counter( 'mediawiki_database_queries_total', 'Statements.', (int)$status['Queries'] );
		$this->out->counter( 'mediawiki_database_slow_queries_total', 'Statements that took longer than long_query_time.',
			(int)$status['Slow_queries'] );
		$this->out->gauge( 'mediawiki_database_size_bytes', "Size of the wiki's tables and indexes, as InnoDB estimates it.", (int)$size );
		$this->out->gauge( 'mediawiki_database_buffer_pool_bytes', "InnoDB's cache.", [
			[ [ 'state' => 'used' ], (int)$status['Innodb_buffer_pool_bytes_data'] ],
			[ [ 'state' => 'free' ], (int)$pool - (int)$status['Innodb_buffer_pool_bytes_data'] ],
		] );
		$this->out->counter( 'mediawiki_database_buffer_pool_requests_total', "Pages that were requested from InnoDB's cache.",
			(int)$status['Innodb_buffer_pool_read_requests'] );
		$this->out->counter( 'mediawiki_database_buffer_pool_misses_total', "Pages that InnoDB's cache had to read.",
			(int)$status['Innodb_buffer_pool_reads'] );
		if ( getenv( 'DATABASE_REPLICA' ) ) {
			$this->out->gauge( 'mediawiki_database_synchronous', 'Whether edits wait until the replica has them.',
				$status['Rpl_semi_sync_master_status'] === 'ON' ? 1 : 0 );
		}
	}

	/** https://www.mediawiki.org/wiki/Manual:Job_table */
	private function jobs(): void {
		$oldest = 'SELECT job_cmd, job_timestamp, job_attempts FROM job ORDER BY job_id LIMIT ' . self::JOBS;
		$sql = 'SELECT job_cmd, COUNT(*), SUM(job_attempts >= ' . self::TRIES . ") FROM ($oldest) oldest GROUP BY job_cmd ORDER BY job_cmd";
		$counts = $abandoned = [];
		foreach ( $this->database->query( $sql )->fetch_all() as [ $type, $count, $failed ] ) {
			$counts[] = [ [ 'type' => $type ], (int)$count ];
			$abandoned[] = [ [ 'type' => $type ], (int)$failed ];
		}
		$first = $this->database->query( 'SELECT MIN(job_timestamp) FROM job WHERE job_attempts < ' . self::TRIES )->fetch_column();
		$age = $first ? time() - (int)DateTimeImmutable::createFromFormat( 'YmdHis', $first, new DateTimeZone( 'UTC' ) )->format( 'U' ) : 0;
		$this->out->gauge( 'mediawiki_jobs', 'Jobs by type, of the oldest ' . self::JOBS . '.', $counts ?: 0 );
		$this->out->gauge( 'mediawiki_jobs_abandoned', 'Jobs that failed each time that they were tried.', $abandoned ?: 0 );
		$this->out->gauge( 'mediawiki_jobs_oldest_age_seconds', 'Age of the oldest job that is not abandoned; 0 if there is none.',
			max( 0, $age ) );
	}

	/** https://www.mediawiki.org/wiki/Manual:Site_stats_table */
	private function contents(): void {
		$found = $this->database->query( 'SELECT ss_total_pages, ss_good_articles, ss_total_edits, ss_users, ss_images FROM site_stats' );
		[ $pages, $articles, $edits, $users, $files ] = $found->fetch_row() ?? [ 0, 0, 0, 0, 0 ];
		$this->out->gauge( 'mediawiki_pages', 'Pages of all namespaces.', (int)$pages );
		$this->out->gauge( 'mediawiki_articles', 'Pages that count as content.', (int)$articles );
		$this->out->gauge( 'mediawiki_users', 'Accounts.', (int)$users );
		$this->out->gauge( 'mediawiki_files', 'Uploaded files.', (int)$files );
		// A gauge: an import or a restore can lower it.
		$this->out->gauge( 'mediawiki_edits', 'Edits of all pages.', (int)$edits );
	}

	private function notes( string $revision ): void {
		$notes = [];
		$ages = [];
		$names = "'backup', 'proven', 'future', 'damaged', 'restore', ?";
		$sql = 'SELECT name, value, UNIX_TIMESTAMP(at) FROM ' . Notes::TABLE
			. " WHERE name IN ($names) OR name LIKE '" . Notes::CACHE . "%'";
		foreach ( Database::query( $this->database, $sql, [ "revision:$revision" ] )->fetch_all() as [ $name, $value, $at ] ) {
			$notes[$name] = $value;
			$ages[$name] = (int)$at;
		}
		$times = [
			'backup' => [ 'mediawiki_backup_timestamp_seconds', 'Time of the newest backup.' ],
			'proven' => [ 'mediawiki_backup_proven_timestamp_seconds', 'Time of the newest backup that a drill has restored.' ],
		];
		foreach ( array_intersect_key( $times, $notes ) as $note => [ $metric, $help ] ) {
			$this->out->gauge( $metric, $help, (int)strtotime( $notes[$note] ) );
		}
		if ( isset( $ages['proven'] ) ) {
			$this->out->gauge( 'mediawiki_drill_timestamp_seconds', 'Time of the last drill that succeeded.', $ages['proven'] );
		}
		$names = static fn ( $note ) => array_map(
			static fn ( $name ) => [ [ 'name' => $name ], 1 ], array_values( array_filter( explode( ' ', $notes[$note] ?? '' ) ) ) );
		$this->out->gauge( 'mediawiki_backup_in_the_future', 'Backups with names in the future, as the last backup or drill found them.',
			$names( 'future' ) );
		$this->out->gauge( 'mediawiki_backup_damaged', 'Backups that cannot be restored, as far as the last backup or drill knew.',
			$names( 'damaged' ) );
		$outdated = preg_filter( '/^' . Notes::CACHE . '/', '', array_keys( $notes ) );
		$this->out->gauge( 'mediawiki_cache_missed_changes', 'Caches that did not answer when something changed, until they are emptied.',
			array_map( static fn ( $address ) => [ [ 'address' => $address ], 1 ], array_values( $outdated ) ) );
		if ( isset( $ages["revision:$revision"] ) ) {
			$this->out->gauge( 'mediawiki_migration_timestamp_seconds', "Time when the migration approved this Pod's revision.",
				$ages["revision:$revision"] );
		}
		$this->out->gauge( 'mediawiki_restore_interrupted', 'Whether a restore or an import was interrupted and closes the wiki.',
			( $notes['restore'] ?? '' ) !== '' ? 1 : 0 );
	}

	/** @return array<string, string> */
	private function pairs( string $sql ): array {
		return array_column( $this->database->query( $sql )->fetch_all(), 1, 0 );
	}
}
