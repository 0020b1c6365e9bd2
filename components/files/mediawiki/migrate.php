<?php
// The migration: the one gate through which new settings and a new MediaWiki come to the wiki. It checks the settings, installs the
// wiki on an empty database, brings the schema of an older one up to date, sees a page rendered, and opens the gate that Pods wait at.
//
// It may be killed at any moment and run again, and two of them do not meet: the second waits for the first.
declare( strict_types=1 );
require __DIR__ . '/database.php';
require __DIR__ . '/migration.php';

try {
	migrate( new Wiki() );
} catch ( Refusal $e ) {
	fail( $e->getMessage() );
} catch ( mysqli_sql_exception $e ) {
	fail( 'the database broke off: ' . $e->getMessage() );
}

function migrate( Wiki $wiki ): void {
	say( "MediaWiki {$wiki->version}, gate {$wiki->gate}" );
	$wiki->checkSettings();
	$database = patientlyConnected();
	lock( $database );
	if ( gateIsOpen( $database ) ) {
		say( 'nothing to do: the gate is open' );
		return;
	}
	$notes = new Notes( $database );
	if ( $notes->get( 'state' ) !== 'installed' ) {
		install( $wiki, $database, $notes );
	}
	update( $wiki, $database, $notes );
	$wiki->checkPage();
	holds( $database );
	$notes->set( "gate:{$wiki->gate}", $wiki->version );
	say( 'the gate is open' );
}

/**
 * Makes a wiki in an empty database. Until it is complete the database is noted as unfinished, no Pod serves it, and so nothing in it is
 * of worth: what a killed installation has left is dropped.
 */
function install( Wiki $wiki, mysqli $database, Notes $notes ): void {
	$tables = array_diff( tables( $database ), [ NOTES ] );
	if ( $notes->get( 'state' ) === null && $tables ) {
		if ( array_diff( [ 'page', 'revision', 'user', 'updatelog' ], $tables ) ) {
			throw new Refusal( "the database has tables that are not MediaWiki's (such as {$tables[array_key_first( $tables )]}); give the "
				. 'wiki an empty one, or one that holds a wiki' );
		}
		say( 'the database holds a wiki: keeping it' );
		$notes->set( 'state', 'installed' );
		return;
	}
	$notes->set( 'state', 'installing' );
	if ( $tables ) {
		say( 'an installation was interrupted: dropping the ' . count( $tables ) . ' tables it left' );
		drop( $database, $tables );
	}
	say( 'installing' );
	$wiki->install();
	holds( $database );
	$notes->set( 'state', 'installed' );
}

/** Brings the schema up to this MediaWiki and its extensions. MediaWiki notes each step, so what is done is not done again. */
function update( Wiki $wiki, mysqli $database, Notes $notes ): void {
	$schema = $wiki->version . ' ' . implode( ' ', $wiki->extensions );
	if ( $notes->get( 'schema' ) === $schema ) {
		return;
	}
	say( 'bringing the schema up to date' );
	$wiki->run( 'update', '--quick', '--skip-external-dependencies' );
	holds( $database );
	$notes->set( 'schema', $schema );
}
