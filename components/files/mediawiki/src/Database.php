<?php
declare( strict_types=1 );

/** Connections to the wiki's database that need no MediaWiki. */
class Database {
	/**
	 * Connects with an account of this container's Secret: "database" is the container's own. The migration also has "web", the
	 * account of web and job Pods. $host, if it is set, is the replica.
	 *
	 * @throws mysqli_sql_exception if the database does not answer within three seconds
	 */
	public static function connect( string $account = 'database', ?string $host = null ): mysqli {
		mysqli_report( MYSQLI_REPORT_ERROR | MYSQLI_REPORT_STRICT );
		$database = Settings::read()['database'];
		$connection = mysqli_init();
		$connection->options( MYSQLI_OPT_CONNECT_TIMEOUT, 3 );
		// The exception has the reason. Without @, PHP would print it too.
		@$connection->real_connect(
			$host ?? $database['host'],
			trim( file_get_contents( "/etc/mediawiki-secrets/$account-user" ) ),
			file_get_contents( "/etc/mediawiki-secrets/$account-password" ),
			$database['name'],
			(int)$database['port']
		);
		return $connection;
	}

	/**
	 * Runs a statement with values for its question marks. Same as mysqli::execute_query, which PHP has since 8.2; images of MediaWiki
	 * 1.43.5 and older have PHP 8.1.
	 */
	public static function query( mysqli $connection, string $sql, array $values ): mysqli_result|false {
		$statement = $connection->prepare( $sql );
		$statement->execute( $values );
		return $statement->get_result();
	}

	public static function hasTable( mysqli $connection, string $table ): bool {
		$sql = 'SELECT 1 FROM information_schema.tables WHERE table_schema = DATABASE() AND table_name = ?';
		return self::query( $connection, $sql, [ $table ] )->num_rows === 1;
	}
}
