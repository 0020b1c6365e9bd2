<?php
// The wiki's database, for what has to do with it before or beside MediaWiki: the migration, the waiting for it, the health check.
declare( strict_types=1 );

// The table in which the migration notes what it has done.
const NOTES = 'mediawiki_stack';

/**
 * Opens the database with the account of this container's Secret.
 *
 * @throws mysqli_sql_exception if it cannot be had within three seconds
 */
function connect(): mysqli {
	mysqli_report( MYSQLI_REPORT_ERROR | MYSQLI_REPORT_STRICT );
	$database = json_decode( file_get_contents( __DIR__ . '/wiki.json' ), true, 16, JSON_THROW_ON_ERROR )['database'];
	$connection = mysqli_init();
	$connection->options( MYSQLI_OPT_CONNECT_TIMEOUT, 3 );
	$connection->real_connect(
		$database['host'],
		trim( file_get_contents( '/etc/mediawiki-secrets/database-user' ) ),
		file_get_contents( '/etc/mediawiki-secrets/database-password' ),
		$database['name'],
		(int)$database['port']
	);
	return $connection;
}

/** Tells whether the migration has opened the gate for these settings and this image. */
function gateIsOpen( mysqli $connection ): bool {
	if ( !hasTable( $connection, NOTES ) ) {
		return false;
	}
	$gate = 'gate:' . getenv( 'MEDIAWIKI_GATE' );
	$found = $connection->execute_query( 'SELECT 1 FROM ' . NOTES . ' WHERE name = ?', [ $gate ] );
	return $found->num_rows === 1;
}

function hasTable( mysqli $connection, string $table ): bool {
	$found = $connection->execute_query(
		'SELECT 1 FROM information_schema.tables WHERE table_schema = DATABASE() AND table_name = ?', [ $table ] );
	return $found->num_rows === 1;
}
