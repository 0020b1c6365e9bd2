<?php
// Proves that a backup can be restored: DRILL_OF, or the newest. Every byte of it is compared, its dump is loaded into a database of its
// own, and the rows there are counted.
declare( strict_types=1 );
require __DIR__ . '/database.php';
require __DIR__ . '/console.php';
require __DIR__ . '/tools.php';
require __DIR__ . '/notes.php';
require __DIR__ . '/preloading.php';
require __DIR__ . '/migration.php';
require __DIR__ . '/archive.php';

run( 'The drill failed, and no backup is proven good by it: ', static function (): void {
	$held = Archive::hold();
	$archive = Archive::named( (string)getenv( 'DRILL_OF' ) );
	say( "proving $archive" );
	$tools = new Tools();
	$archive->check( $tools );
	$found = $tools->prove( "$archive->path/database.sql.zst" );
	foreach ( $archive->manifest['rows'] + $found as $table => $_ ) {
		$rows = [ $archive->manifest['rows'][$table] ?? 'no', $found[$table] ?? 'no' ];
		if ( $rows[0] !== $rows[1] ) {
			throw new Refusal( "$archive->path: table $table has $rows[1] rows when it is loaded, and had $rows[0]" );
		}
	}
	$now = gmdate( 'c' );
	if ( file_put_contents( "$archive->path/proven", "$now\n" ) === false ) {
		throw new Refusal( lastError() );
	}
	$notes = new Notes( patientlyConnected( 60 ) );
	$notes->set( 'proven', $archive->manifest['at'] );
	Archive::noteClock( $notes );
	say( "proven: {$archive->name()}, " . count( $found ) . ' tables of ' . array_sum( $found ) . ' rows' );
	@file_put_contents( '/dev/termination-log', "proven {$archive->name()}" ); // which the API server keeps
} );
