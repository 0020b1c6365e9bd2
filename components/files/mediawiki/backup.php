<?php
// Makes a backup, deletes those that are too many, and keeps a copy elsewhere.
declare( strict_types=1 );
require __DIR__ . '/database.php';
require __DIR__ . '/console.php';
require __DIR__ . '/tools.php';
require __DIR__ . '/remote.php';
require __DIR__ . '/notes.php';
require __DIR__ . '/preloading.php';
require __DIR__ . '/namespaces.php';
require __DIR__ . '/migration.php';
require __DIR__ . '/archive.php';
require __DIR__ . '/take.php';

$keep = max( 1, (int)getenv( 'BACKUPS_KEPT' ) );
run( 'The backup failed; those that there are have not changed: ', static function () use ( $keep, &$held, &$backup ): void {
	$held = Archive::hold();
	$database = patientlyConnected( 60 );
	lock( $database ); // no table is changed under the dump
	$backup = take( $database );
	$notes = new Notes( $database );
	$notes->set( 'backup', $backup->manifest['at'] );
	Archive::noteClock( $notes );
	say( "backup $backup" );
	foreach ( array_slice( Archive::all(), $keep ) as $old ) {
		if ( $old->name() !== $backup->name() ) {
			$old->delete();
			say( "deleted {$old->name()}" );
		}
	}
} );
$remote = Remote::ours();
if ( $remote ) {
	run( "The backup is good, and no copy of it is at $remote: ", static function () use ( $remote, $backup, $keep ): void {
		say( "copying it to $remote" );
		$remote->push( $backup, $keep );
		say( 'copied' );
	} );
}
