<?php
// Proves that a backup can be restored: DRILL_OF, or the newest one. It compares every byte with the checksums, loads the dump into a
// temporary database, and counts the rows there.
declare( strict_types=1 );
require dirname( __DIR__ ) . '/src/bootstrap.php';

Console::run( 'Drill failed; it proved no backup: ', static function (): void {
	$volume = new BackupVolume();
	$lock = $volume->lock();
	$archive = $volume->named( (string)getenv( 'DRILL_OF' ) );
	Console::say( "proving $archive" );
	$archive->check();
	$found = ( new DatabaseTools() )->prove( "$archive->path/database.sql.zst" );
	foreach ( $archive->manifest['rows'] + $found as $table => $_ ) {
		[ $had, $has ] = [ $archive->manifest['rows'][$table] ?? 'no', $found[$table] ?? 'no' ];
		if ( $had !== $has ) {
			throw new PermanentFailure( "$archive->path: table $table has $has rows after loading the dump, and had $had" );
		}
	}
	if ( file_put_contents( "$archive->path/proven", gmdate( 'c' ) . "\n" ) === false ) {
		throw new PermanentFailure( Console::lastError() );
	}
	$notes = new Notes( DatabaseWait::connect( 60 ) );
	$notes->set( 'proven', $archive->manifest['at'] );
	$volume->noteFutureNames( $notes );
	Console::say( "proven: {$archive->name()}, " . count( $found ) . ' tables with ' . array_sum( $found ) . ' rows' );
	Console::keepMessage( "proven {$archive->name()}" ); // the preview of `pulumi destroy` reads it
} );
