<?php
// Makes a backup, and deletes those that are too many.
declare( strict_types=1 );
require __DIR__ . '/database.php';
require __DIR__ . '/console.php';
require __DIR__ . '/tools.php';
require __DIR__ . '/migration.php';
require __DIR__ . '/archive.php';
require __DIR__ . '/take.php';

run( 'The backup failed; those that there are have not changed: ', static function (): void {
	$held = Archive::hold();
	$database = patientlyConnected( 60 );
	lock( $database ); // no table is changed under the dump
	$archive = take( $database );
	( new Notes( $database ) )->set( 'backup', $archive->manifest['at'] );
	say( "backup $archive" );
	foreach ( array_slice( Archive::all(), max( 1, (int)getenv( 'BACKUPS_KEPT' ) ) ) as $old ) {
		$old->delete();
		say( 'deleted ' . basename( $old->path ) );
	}
} );
