<?php
// The wiki's database, for what has to do with it before or beside MediaWiki: the migration, the waiting for it, the health check.
declare( strict_types=1 );

// The table in which the migration notes what it has done.
const NOTES = 'mediawiki_stack';

/**
 * Opens the database with an account of this container's Secret: its own, or in the migration "web", that of web and job Pods.
 *
 * @throws mysqli_sql_exception if it cannot be had within three seconds
 */
function connect( string $account = 'database' ): mysqli {
	mysqli_report( MYSQLI_REPORT_ERROR | MYSQLI_REPORT_STRICT );
	$database = json_decode( file_get_contents( __DIR__ . '/wiki.json' ), true, 16, JSON_THROW_ON_ERROR )['database'];
	$connection = mysqli_init();
	$connection->options( MYSQLI_OPT_CONNECT_TIMEOUT, 3 );
	// Why it fails is in the exception; PHP would say so once more.
	@$connection->real_connect(
		$database['host'],
		trim( file_get_contents( "/etc/mediawiki-secrets/$account-user" ) ),
		file_get_contents( "/etc/mediawiki-secrets/$account-password" ),
		$database['name'],
		(int)$database['port']
	);
	return $connection;
}

/**
 * Runs a statement with values for its question marks, and returns the rows that it finds, if it looks for any. It is what
 * mysqli::execute_query does since PHP 8.2; images of MediaWiki 1.43.5 and older have 8.1.
 */
function query( mysqli $connection, string $sql, array $values ): mysqli_result|false {
	$statement = $connection->prepare( $sql );
	$statement->execute( $values );
	return $statement->get_result();
}

/** Tells whether the migration has opened the gate for these settings and this image, and the schema is still of that image's version. */
function gateIsOpen( mysqli $connection ): bool {
	if ( !hasTable( $connection, NOTES ) ) {
		return false;
	}
	$found = query(
		$connection,
		'SELECT 1 FROM ' . NOTES . ' gate JOIN ' . NOTES . " version ON version.name = 'schema'"
			. " WHERE gate.name = ? AND gate.value = SUBSTRING_INDEX(version.value, ' ', 1)",
		[ 'gate:' . getenv( 'MEDIAWIKI_GATE' ) ]
	);
	return $found->num_rows === 1;
}

function hasTable( mysqli $connection, string $table ): bool {
	$found = query( $connection, 'SELECT 1 FROM information_schema.tables WHERE table_schema = DATABASE() AND table_name = ?', [ $table ] );
	return $found->num_rows === 1;
}
