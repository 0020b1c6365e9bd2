<?php
// The migration: the one gate through which new settings and a new MediaWiki come to the wiki. It checks the settings, installs the
// wiki on an empty database or makes it of a backup there, brings the schema of an older one up to date behind a dump of it, sees pages
// rendered, and opens the gate that Pods wait at.
//
// It may be killed at any moment and run again, and two of them do not meet: the second waits for the first.
declare( strict_types=1 );
require __DIR__ . '/database.php';
require __DIR__ . '/console.php';
require __DIR__ . '/tools.php';
require __DIR__ . '/remote.php';
require __DIR__ . '/notes.php';
require __DIR__ . '/preloading.php';
require __DIR__ . '/namespaces.php';
require __DIR__ . '/migration.php';
require __DIR__ . '/editing.php';
require __DIR__ . '/upgrade.php';
require __DIR__ . '/archive.php';
require __DIR__ . '/take.php';
require __DIR__ . '/caches.php';
require __DIR__ . '/restoring.php';
require __DIR__ . '/volumes.php';

run( 'The migration failed and no Pod was changed: ', static fn () => migrate( new Wiki() ) );

function migrate( Wiki $wiki ): void {
	say( "MediaWiki {$wiki->version}, gate {$wiki->gate}" );
	$wiki->checkSettings();
	checkVolumes();
	$database = patientlyConnected();
	lock( $database );
	$notes = new Notes( $database );
	$notes->make();
	if ( $notes->get( 'wiki' ) === null ) {
		$notes->set( 'wiki', bin2hex( random_bytes( 8 ) ) ); // by which a backup of it is told from others
	}
	$installed = $notes->get( 'state' ) === 'installed';
	if ( $installed && (string)$notes->get( 'restore' ) !== '' ) {
		$what = $notes->get( 'restore' ) === Archive::IMPORTED ? 'an import' : "the restore of {$notes->get( 'restore' )}";
		throw new Refusal( "$what was interrupted, and the wiki is closed until it is run again and ends well" );
	}
	if ( $installed && getenv( 'MEDIAWIKI_RESTORE_FROM' ) ) {
		say( 'backups.restoreFrom has no effect: there is a wiki' );
	}
	$upgrade = new Upgrade( $wiki, $database, $notes, new Tools() );
	$upgrade->settle();
	if ( gateIsOpen( $database ) ) {
		say( 'nothing to do: the gate is open' );
		return;
	}
	$new = !$installed && install( $wiki, $database, $notes );
	$names = new Namespaces( $notes, Namespaces::noted( $notes ) );
	$names->settle( $wiki, $database );
	$schema = $wiki->schema();
	$has = (string)$notes->get( 'schema' );
	if ( !$new && $has !== $schema ) {
		$upgrade->run( strtok( $has, ' ' ) ?: '', $schema ); // which sees pages rendered before it calls itself done
	} else {
		if ( $new ) {
			$wiki->update(); // tables of extensions
			$notes->set( 'schema', $schema );
		}
		$wiki->checkPages();
	}
	holds( $database );
	openGate( $notes, $wiki, $names );
	say( 'the gate is open' );
}

/**
 * Makes a wiki in an empty database. Until it is complete the database is noted as unfinished, no Pod serves it, and so nothing in it is
 * of worth: what a killed installation or restore has left is dropped. Tells whether the wiki is new.
 */
function install( Wiki $wiki, mysqli $database, Notes $notes ): bool {
	$tables = array_diff( tables( $database ), [ NOTES ] );
	if ( $notes->get( 'state' ) === null && $tables ) {
		if ( array_diff( [ 'page', 'revision', 'user', 'updatelog' ], $tables ) ) {
			throw new Refusal( "the database has tables that are not MediaWiki's (such as {$tables[array_key_first( $tables )]}); give the "
				. 'wiki an empty one, or one that holds a wiki' );
		}
		say( 'the database holds a wiki: keeping it' );
		$notes->set( 'state', 'installed' );
		return false;
	}
	$notes->set( 'state', 'installing' );
	if ( $tables ) {
		say( 'an installation was interrupted: dropping the ' . count( $tables ) . ' tables it left' );
	}
	clear( $wiki, $database, $notes );
	$from = (string)getenv( 'MEDIAWIKI_RESTORE_FROM' );
	if ( $from !== '' ) {
		installFrom( $from, $wiki, $database, $notes );
		return false;
	}
	say( 'installing' );
	$wiki->install();
	holds( $database );
	$notes->set( 'state', 'installed' );
	return true;
}

/** Makes the wiki of a backup. Whatever fails, the database is empty afterwards. */
function installFrom( string $name, Wiki $wiki, mysqli $database, Notes $notes ): void {
	try {
		$held = Archive::hold();
		$archive = findBackup( $name === 'latest' ? '' : $name );
		$restore = new Restore( $wiki, $database, $notes, new Tools() );
		$restore->check( $archive );
		$restore->run( $archive );
	} catch ( Throwable $e ) {
		clear( $wiki, $database, $notes );
		throw new Refusal( "backups.restoreFrom $name: {$e->getMessage()}\nThe database is empty: mend this and try again, or remove "
			. 'backups.restoreFrom for a wiki with nothing in it' );
	}
	say( "restored $archive" );
}

/** Empties a database that no Pod has ever served. */
function clear( Wiki $wiki, mysqli $database, Notes $notes ): void {
	drop( $database, array_diff( tables( $database ), [ NOTES ] ) );
	if ( (string)$notes->get( 'restore' ) !== '' ) {
		$notes->set( 'restore', '' );
		( new Editing( $wiki->version ) )->open();
	}
}
